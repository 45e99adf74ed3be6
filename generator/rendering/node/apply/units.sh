# shellcheck shell=sh
# calls: change fail held incomplete say systemd_runs
# ---------------------------------------------------------------- units
# Units: enabled, started, and told once of what they watch.

reload_units() { systemctl daemon-reload || fail "systemctl daemon-reload"; }

is_active() { systemctl is-active -q "$1"; }

state() { systemctl is-active "$1" 2>/dev/null || :; }

enabled() { systemctl is-enabled "$1" 2>/dev/null || :; }

# A oneshot that ran well and does not stay active is up, as far as it can be.
is_up() {
    if is_active "$1"; then return 0; fi
    systemctl show -p Type -p RemainAfterExit -p Result -p ExecMainExitTimestampMonotonic "$1" 2>/dev/null |
        sort | tr '\n' ' ' |
        grep -q '^ExecMainExitTimestampMonotonic=[1-9][0-9]* RemainAfterExit=no Result=success Type=oneshot'
}

# systemd is told of all that were enabled at once, at the end: it takes seconds on a small machine.
switch_on() {
    case $(enabled "$1") in enabled | static | alias | generated | indirect) return 0 ;; esac
    change "enable $1" || return 0
    printf '%s\n' "$1" >>"$W/enabled"
    systemctl -q --no-reload enable "$1" || fail "cannot enable $1"
}

tell() { # UNIT CHANGE: the watched files are new
    case $2 in
        /*)
            change "run $2 for $1" || return 0
            # a refusal keeps the mark, so that the next run asks again
            "$R$2" || { incomplete "$1 still runs with its old configuration ($2 said why)"; return 1; }
            ;;
        restart | reload)
            change "$2 $1" || return 0
            systemctl "$2" "$1" || fail "cannot $2 $1: journalctl -u $1"
            ;;
        *) return 0 ;;
    esac
    printf '%s\n' "$1" >>"$W/told"
}

start() { # UNIT start|no-block
    if [ "$2" = no-block ]; then
        case $(state "$1") in activating | reloading) return 0 ;; esac
        change "start $1 in the background" || return 0
        printf '%s\n' "$1" >>"$W/started"
        systemctl start --no-block "$1" || fail "cannot start $1"
    else
        change "start $1" || return 0
        printf '%s\n' "$1" >>"$W/started"
        systemctl start "$1" || fail "cannot start $1: journalctl -u $1"
    fi
}

put_unit() { # UNIT start|no-block CHANGE WATCH,…
    if held "$1"; then
        say "$1 is left off until its secrets are there"
        return 0
    fi
    switch_on "$1"
    systemd_runs || return 0
    # the retry unit would only wait for this run; `again` starts it if something is left to do
    [ "$1" != "$RETRY" ] || return 0
    if ! is_up "$1"; then
        start "$1" "$2"
    elif [ -e "$PENDING/$1" ] || [ -e "$STATE/pending/$1" ]; then
        tell "$1" "$3" || return 0
    fi
    rm -f "$PENDING/$1"
}
