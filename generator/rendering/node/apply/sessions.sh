# shellcheck shell=sh
# calls: is_closed say
# ---------------------------------------------------------------- sessions
# The last of all: what still runs for accounts that are closed, but never what this run hangs on.

# processes_of UID: all of them but those above this run, in their sessions or their login's scope.
processes_of() {
    spared >"$W/spared"
    grep -ls "^Uid:[[:space:]]*$1[[:space:]]" "$R"/proc/[0-9]*/status | while read -r status; do
        process=${status%/status}
        belongs "$process" || printf '%s\n' "${process##*/}"
    done
}

session_of() { sed 's/.*) //' "$1/stat" 2>/dev/null | cut -d ' ' -f 4; }

scope_of() { grep -o 'session-[^/]*\.scope' "$1/cgroup" 2>/dev/null | head -n 1; }

spared() {
    pid=$$
    while [ "${pid:-0}" -gt 1 ] && [ -r "$R/proc/$pid/status" ]; do
        printf 'pid %s\nsession %s\nscope %s\n' "$pid" "$(session_of "$R/proc/$pid")" "$(scope_of "$R/proc/$pid")"
        pid=$(sed -n 's/^PPid:[[:space:]]*//p' "$R/proc/$pid/status" 2>/dev/null)
    done | grep -v -e '^session [01]$' -e ' $' || :
}

belongs() { # PROCESS
    printf 'pid %s\nsession %s\nscope %s\n' "${1##*/}" "$(session_of "$1")" "$(scope_of "$1")" |
        grep -v ' $' | grep -Fqx -f "$W/spared"
}

closed_accounts() {
    awk -F "$TAB" '
        FILENAME == ARGV[1] { if ($1 == "user") stays[$2]; next }
        $1 == "account" && $3 == "put" && !($2 in stays) { print $2 }' "$PLAN" "$EVERPUT"
}

end_sessions() {
    closed_accounts >"$W/accounts"
    while read -r name <&4; do
        if is_closed "$name"; then end_all "$name"; fi
    done 4<"$W/accounts"
}

end_all() { # NAME
    uid=$(id -u "$1")
    case $uid in 0 | '' | *[!0-9]*) return 0 ;; esac
    for signal in TERM TERM KILL KILL; do
        running=$(processes_of "$uid" | tr '\n' ' ')
        [ -n "$running" ] || return 0
        say "ending what still runs for $1: ${running% }"
        # shellcheck disable=SC2086 # one word for each process
        end $signal $running
    done
}

# Those of a make-believe node are nobody's.
end() { # SIGNAL PID …
    [ -z "$R" ] || return 0
    signal_name=$1
    shift
    kill -s "$signal_name" "$@" 2>/dev/null || :
    sleep 1
}
