# shellcheck shell=sh
# calls: depends_of digest_of enabled incomplete is_active is_door owner_of systemd_runs
# ---------------------------------------------------------------- ever put
# The list of all that was ever put on this node. It is only added to; `verify` asks it what is left.

# A line is KIND, NAME and a word, and the last line of a thing is the one that counts: `put`;
# `found`, a unit that ran before it was ever asked for; `back`, where what was there before is again.
remember() { # KIND NAME WORD
    [ "$(last_word "$1" "$2")" != "$3" ] || return 0
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$EVERPUT"
}

last_word() { # KIND NAME
    K=$1 N=$2 awk -F "$TAB" '
        $1 == ENVIRON["K"] && $2 == ENVIRON["N"] { word = $3 }
        END { print word }' "$EVERPUT"
}

was_put() { [ "$(last_word "$1" "$2")" = put ]; }

# A check takes its notes elsewhere.
open_everput() {
    EVERPUT=$STATE/everput
    if [ -f "$APPLIED" ] && [ ! -f "$EVERPUT" ]; then LOST=yes; fi
    if [ "$MODE" = check ]; then
        : >"$W/everput"
        [ ! -f "$EVERPUT" ] || cp "$EVERPUT" "$W/everput"
        EVERPUT=$W/everput
    elif [ ! -f "$EVERPUT" ]; then
        mkdir -p "$STATE"
        (umask 077 && : >>"$EVERPUT")
    fi
    # cut off, as on a full disk
    if [ -n "$(tail -c 1 "$EVERPUT")" ]; then
        LOST=yes
        printf '\n' >>"$EVERPUT"
    fi
    [ -z "$LOST" ] ||
        incomplete "/var/lib/stook/everput was lost or cut off: what the last bundle had is taken for ours"
}

# remember_plan PLAN [missing]: all that is on the node when a plan is carried out, or of that only what has
# no word at all. Who was made an account, and which folders were made for files, is noted when it is done,
# and nowhere else.
remember_plan() {
    awk -F "$TAB" -v missing="${2-}" '
        FILENAME == ARGV[1] { word[$1 FS $2] = $3; next }
        $1 == "repository" || $1 == "secret" { $1 = "file" }
        $1 ~ /^(file|block|unit|package)$/ {
            now = word[$1 FS $2]
            if (missing ? now == "" : now != "put" && now != "found") print $1 FS $2 FS "put"
            word[$1 FS $2] = "put"
        }' "$EVERPUT" "$1" >"$W/put"
    [ ! -s "$W/put" ] || cat "$W/put" >>"$EVERPUT"
}

# Whether a unit is there for its own sake is seen only before the first bundle that asks for it. Where the
# bundle asks for its package, too, it is the bundle's, as it is on a machine that had none.
meet_unit() {
    [ -z "$(last_word unit "$1")" ] || return 0
    case $(enabled "$1") in enabled | static | alias | indirect) word=found ;; *) word=put ;; esac
    if [ "$word" = found ] && systemd_runs && ! is_active "$1"; then word=put; fi
    if [ "$word" = found ] && is_asked_for "$(owner_of "$1")"; then word=put; fi
    remember unit "$1" "$word"
}

# A package of the bundle, or what one depends on: many bring their unit in a second package.
is_asked_for() { # PACKAGE
    # shellcheck disable=SC2046 # names of packages have no blanks
    set -- "$1" $(column package 1)
    [ -n "$1" ] && [ $# -gt 1 ] || return 1
    owner=$1
    shift
    { printf '%s\n' "$@"; depends_of "$@"; } | grep -Fqx -- "$owner"
}

# first PATH: a file of ours is about to be put there. What is there and was never ours is kept for the
# day on which ours leaves.
first() {
    if was_put file "$1"; then return 0; fi
    if [ -f "$R$1" ] && [ ! -L "$R$1" ] && ! is_door "$1"; then
        mkdir -p "$STATE/originals$(dirname "$1")"
        chmod 0700 "$STATE/originals"
        cp -p "$R$1" "$STATE/originals$1"
        remember original "$1" "$(digest_of "$STATE/originals$1")"
    fi
    remember file "$1" put
}

# before_us PATH: $before is what was there, as long as it is what was kept.
before_us() {
    before=$STATE/originals$1
    if [ ! -f "$before" ] || is_door "$1"; then
        before=''
        return 0
    fi
    case $(last_word original "$1") in '' | "$(digest_of "$before")") return 0 ;; esac
    incomplete "${before#"$R"} is not what was kept of $1 any more: look at it, and move it away"
    before=''
}
