# shellcheck shell=sh
# calls: each fail warn
# ---------------------------------------------------------------- validation
# Judged by the daemons' own commands, before they are told.

check_sudoers() {
    [ "$5" = sudoers ] || return 0
    if [ "$MODE" = check ] && ! command -v visudo >/dev/null; then return 0; fi
    visudo -c -q -f "$BUNDLE/rootfs$1" || fail "$1 is not a valid sudoers file; it was not installed"
}

# A daemon's file is judged in its place, before the daemon is told about it.
check_installed() {
    case $5 in
        sshd) echo sshd ;;
        chrony) echo chrony ;;
        zone) echo zone ;;
        nft) echo "nft $1" ;;
        unit) echo "unit $1" ;;
    esac >>"$W/checks"
}

run_check() { # KIND PATH
    case $1 in
        sshd)
            mkdir -p "$R/run/sshd"
            sshd -t || fail "sshd -t refuses the new configuration"
            ;;
        chrony) chronyd -p -f "$R/etc/chrony/chrony.conf" >/dev/null || fail "chronyd refuses the new configuration" ;;
        zone) firewall-offline-cmd --check-config >"$W/firewall" 2>&1 || {
            cat "$W/firewall" >&2
            fail "firewalld refuses the new configuration"
        } ;;
        nft) nft -c -f "$R$2" || fail "nft refuses $2" ;;
        unit) systemd-analyze verify --man=no "$R$2" >"$W/unit" 2>&1 || warn "systemd-analyze verify $2: $(cat "$W/unit")" ;;
    esac
}

validate() {
    [ "$MODE" = apply ] && [ "$STARTED" = yes ] || return 0
    : >"$W/checks"
    each file check_installed
    sort -u "$W/checks" >"$W/checks.once"
    while read -r kind path <&4; do run_check "$kind" "${path-}"; done 4<"$W/checks.once"
}
