# shellcheck shell=sh
# calls: change enabled fail gone is_active last_word remember state systemd_runs take_last_file warn
# ---------------------------------------------------------------- leaving units
# Units that have left the bundle are stopped and disabled, but for those that were there before it.

# The machine's own, whoever asks for them: without one nobody gets in, with the other disks fill up.
is_own() {
    case $1 in
        ssh.* | sshd.* | ssh@* | sshd@* | systemd-* | dbus* | cron.service | crond.service | logrotate.timer) return 0 ;;
    esac
    [ "$1" = "$RETRY" ] || [ "$(last_word unit "$1")" = found ]
}

# What these hold is data, and a vote about it: they go on until a person has taken them out of their
# cluster and switched them off, and so do the files that they read.
set_aside() { # UNIT START CHANGE WATCH,…
    case $1 in ceph-osd@* | ceph-mon@*) ;; *) return 0 ;; esac
    case $(enabled "$1") in enabled) ;; *) is_active "$1" || return 0 ;; esac
    warn "$1 has left the bundle and goes on running, because it holds data: take it out of its cluster, and" \
        "then systemctl disable --now $1"
    printf 'unit\t%s\n' "$1" >>"$W/aside"
    printf '%s\n' "$4" | tr , '\n' | sed "s/^/path$TAB/" >>"$W/aside"
}

find_aside() {
    : >"$W/aside"
    gone unit set_aside
    [ -s "$W/aside" ] || return 0
    awk -F "$TAB" -v stays="$W/stays" '
        FILENAME == ARGV[1] { aside[$0]; next }
        (($1 ~ /^(file|secret|repository)$/ ? "path" : $1) FS $2) in aside { print >>stays; next }
        { print }' "$W/aside" "$W/gone" >"$W/going"
    mv -f "$W/going" "$W/gone"
}

take_unit() { # UNIT
    if of_the_last "$1"; then return 0; fi
    if is_own "$1"; then
        remember unit "$1" found
        return 0
    fi
    switch_off "$1"
}

switch_off() { # UNIT
    case $(enabled "$1") in
        enabled)
            change "disable $1" && {
                printf '%s\n' "$1" >>"$W/disabled"
                systemctl -q --no-reload disable "$1" || fail "cannot disable $1"
            }
            ;;
    esac
    systemd_runs || return 0
    case $(state "$1") in
        active | activating | reloading | deactivating)
            change "stop $1" && {
                printf '%s\n' "$1" >>"$W/stopped"
                systemctl stop "$1" || fail "cannot stop $1"
            }
            ;;
        failed) [ "$MODE" = check ] || systemctl -q reset-failed "$1" || : ;;
    esac
    [ "$MODE" = check ] || rm -f "$STATE/pending/$1"
}

# One that was there before runs on with the files that it had before.
tell_own() { # UNIT START CHANGE WATCH,…
    if ! is_own "$1" || [ "$1" = "$RETRY" ] || [ ! -e "$W/taken" ]; then return 0; fi
    printf '%s\n' "$4" | tr , '\n' >"$W/watched"
    grep -Fqx -f "$W/watched" "$W/taken" && systemd_runs && is_active "$1" || return 0
    case $3 in reload | restart) telling=$3 ;; *) telling=restart ;; esac
    change "$telling $1" || return 0
    systemctl "$telling" "$1" || fail "cannot $telling $1: journalctl -u $1"
}

# The firewall that leaves goes when everything else is as it shall be, and its files with it.
of_the_last() { # UNIT or PATH
    case $1 in
        firewalld.service | /etc/firewalld/* | /etc/systemd/system/firewalld.service*) with=firewalld.service ;;
        nftables.service | /etc/nftables.conf | /etc/systemd/system/nftables.service*) with=nftables.service ;;
        *) return 1 ;;
    esac
    grep -q "^unit$TAB$with$TAB" "$W/gone"
}

take_last() {
    gone unit take_last_unit
    gone file take_last_file
}

take_last_unit() { if of_the_last "$1" && ! is_own "$1"; then switch_off "$1"; fi; }

# After a failure what this run had stopped runs again.
restart_stopped() {
    if [ -e "$W/disabled" ]; then
        while read -r unit <&4; do systemctl -q enable "$unit" || warn "cannot enable $unit"; done 4<"$W/disabled"
    fi
    [ -e "$W/stopped" ] || return 0
    while read -r unit <&4; do systemctl start --no-block "$unit" || warn "cannot start $unit"; done 4<"$W/stopped"
}
