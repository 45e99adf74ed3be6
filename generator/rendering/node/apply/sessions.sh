# shellcheck shell=sh
# calls: is_closed last_word say warn
# ---------------------------------------------------------------- sessions
# The last of all: what still runs for accounts that are closed, but never what this run hangs on.

# processes_of UID: its own and those of its logins, but those above this run, in their sessions or their
# login's scope.
processes_of() {
    spared >"$W/spared"
    {
        grep -ls "^Uid:[[:space:]]*$1[[:space:]]" "$R"/proc/[0-9]*/status
        grep -ls "/user-$1\.slice/" "$R"/proc/[0-9]*/cgroup
    } | sed 's,/[^/]*$,,' | sort -u | while read -r process; do
        belongs "$process" || printf '%s\n' "${process##*/}"
    done
}

# A process gives itself a name, in parentheses, that may have any byte in it.
session_of() { tr '\n' ' ' <"$1/stat" 2>/dev/null | sed 's/.*) //' | cut -d ' ' -f 4; }

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
        FILENAME == ARGV[1] { if ($1 == "user") stays[$2]; if ($1 == "close") print $2; next }
        $1 == "account" && $3 == "put" && !($2 in stays) { print $2 }' "$PLAN" "$EVERPUT"
}

end_sessions() {
    closed_accounts >"$W/accounts"
    while read -r name <&4; do
        if is_closed "$name"; then end_all "$name"; fi
    done 4<"$W/accounts"
}

end_all() { # NAME
    for uid in $(id -u "$1") $(uid_then "$1"); do
        case $uid in 0 | *[!0-9]*) continue ;; esac
        for signal in TERM TERM KILL KILL; do
            running=$(processes_of "$uid" | tr '\n' ' ')
            [ -n "$running" ] || continue 2
            say "ending what still runs for $1: ${running% }"
            # shellcheck disable=SC2086 # one word for each process
            end $signal $running
        done
        [ -z "$(processes_of "$uid")" ] || warn "there is still something that runs for $1: end it (ps -U $uid)"
    done
}

# The one it was made with, unless that is somebody else's now.
uid_then() { # NAME
    uid=$(last_word uid "$1")
    [ -n "$uid" ] && [ "$uid" != "$(id -u "$1")" ] && ! getent passwd "$uid" >/dev/null || return 0
    printf '%s\n' "$uid"
}

# Those of a make-believe node are nobody's.
end() { # SIGNAL PID …
    [ -z "$R" ] || return 0
    signal_name=$1
    shift
    kill -s "$signal_name" "$@" 2>/dev/null || :
    sleep 1
}
