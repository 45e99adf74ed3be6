# shellcheck shell=sh
# calls: put_merged
# ---------------------------------------------------------------- head
# A daemon's own file that has to begin by taking in one of ours, because of a keyword that comes twice
# the first value counts. Where it does not, a block at its head does.

without_block() { # PATH
    awk -v begin="# BEGIN stook $SITE" -v end="# END stook $SITE" '
        $0 == begin { inside = 1 }
        !inside { print }
        $0 == end { inside = 0 }' "$R$1"
}

# takes_in LINE PATH FILE: the line of PATH includes FILE, by its name or by a pattern.
takes_in() {
    own=$2 wanted=$3
    set -f
    # shellcheck disable=SC2046 # each word is a pattern, and stays one
    set -- $(printf '%s\n' "$1" | tr '="' '  ')
    set +f
    case ${1-} in [Ii][Nn][Cc][Ll][Uu][Dd][Ee]) shift ;; *) return 1 ;; esac
    for pattern; do
        case $pattern in /*) ;; *) pattern=${own%/*}/$pattern ;; esac
        # shellcheck disable=SC2254 # a pattern is what it is
        case $wanted in $pattern) return 0 ;; esac
    done
    return 1
}

put_head() { # PATH FILE
    [ -f "$R$1" ] || return 0
    without_block "$1" >"$W/bare"
    begins=$(sed '/^[[:space:]]*#/d; /^[[:space:]]*$/d' "$W/bare" | head -n 1)
    {
        takes_in "$begins" "$1" "$2" || printf '# BEGIN stook %s\nInclude %s\n# END stook %s\n' "$SITE" "$2" "$SITE"
        cat "$W/bare"
    } >"$W/merged"
    put_merged "$1"
}

take_head() { # PATH
    [ -f "$R$1" ] || return 0
    without_block "$1" >"$W/merged"
    put_merged "$1"
}
