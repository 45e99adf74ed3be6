# shellcheck shell=sh
# ---------------------------------------------------------------- words
# What is said, how a run ends, and what counts as a change.

say() { printf 'stook apply: %s\n' "$*" || :; }

warn() { printf 'stook apply: warning: %s\n' "$*" >&2 || :; }

fail() {
    printf 'stook apply: FAILED: %s\n' "$*" >&2 || :
    exit 1
}

refuse() {
    printf 'stook apply: refused, nothing was changed: %s\n' "$*" >&2 || :
    exit 2
}

incomplete() {
    warn "$1"
    INCOMPLETE="$INCOMPLETE$1
"
}

# change TEXT: announce a change. True where it is to be made, false with --check.
# The stamp goes first: a run that is killed half way must not leave an old "complete".
change() {
    CHANGES=$((CHANGES + 1))
    if [ "$MODE" = check ]; then
        say "would $1"
        return 1
    fi
    say "$1"
    if [ "$STARTED" = no ]; then
        STARTED=yes
        rm -rf "$STATE/undo"
        mkdir -p "$STATE"
        rm -f "$STAMP"
    fi
}
