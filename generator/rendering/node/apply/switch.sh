# shellcheck shell=sh
# calls: change enabled fail incomplete is_active systemd_runs warn
# ---------------------------------------------------------------- switch
# Another packet filter on a running node. Their units conflict: starting one stops the other, and
# between the two nothing would filter. So what comes is in the kernel before what goes is stopped.

TABLE=stook HANDOVER=stook_handover

in_kernel() { nft list table inet "$1" >/dev/null 2>&1; }

# The rules that a unit loads, from its line of a plan.
rules_of() { # UNIT PLAN
    U=$1 awk -F "$TAB" '$1 == "unit" && $2 == ENVIRON["U"] { sub(/,.*/, "", $5); print $5; exit }' "$2"
}

# Under another name they outlive the unit that loaded them.
keep_rules() {
    in_kernel "$TABLE" || return 0
    nft list table inet "$TABLE" | sed "1s/ $TABLE {/ $HANDOVER {/" >"$W/handover" || return 1
    { in_kernel "$HANDOVER" && nft delete table inet "$HANDOVER"; } || :
    nft -f "$W/handover"
}

load_rules() { nft -f "$R$1" && in_kernel "$TABLE"; }

hand_over() {
    systemd_runs || return 0
    rules=$(rules_of nftables.service "$PLAN")
    if [ -n "$rules" ] && is_active firewalld.service; then
        change "load the rules of nftables before firewalld goes" || return 0
        load_rules "$rules" || fail "the rules of $rules cannot be loaded; firewalld goes on"
        gives_way firewalld.service
    elif [ -n "$(rules_of firewalld.service "$PLAN")" ] && is_active nftables.service; then
        change "keep the rules of nftables until firewalld has loaded its own" || return 0
        keep_rules || fail "the rules of nftables cannot be kept; nftables goes on"
        gives_way nftables.service
    fi
}

# What stops with it, fail2ban for one, is started again when the other filters, and with it its bans.
gives_way() { # UNIT
    for unit in $(systemctl show -p ConsistsOf --value "$1"); do
        if is_active "$unit"; then printf '%s\n' "$unit" >>"$W/resume"; fi
    done
    printf '%s\n' "$1" >"$W/gave_way"
    cat "$W/gave_way" "$W/resume" >>"$W/stopped" 2>/dev/null || :
    systemctl stop "$1" || fail "cannot stop $1"
}

gave_way() { [ "$(cat "$W/gave_way" 2>/dev/null)" = "$1" ]; }

# Whether somebody filters: our own table, or firewalld with the zone that is everybody's. It is on the
# bus, and so active, before it has loaded that.
filters() { in_kernel "$TABLE" || nft list chain inet firewalld filter_IN_world >/dev/null 2>&1; }

# Disabled at the end only: of two that are enabled a boot starts one.
end_hand_over() {
    if [ -e "$W/gave_way" ]; then
        read -r unit <"$W/gave_way"
        if [ "$(enabled "$unit")" = enabled ]; then
            printf '%s\n' "$unit" >>"$W/disabled"
            systemctl -q --no-reload disable "$unit" || fail "cannot disable $unit"
        fi
    fi
    [ ! -e "$W/resume" ] || resume
    drop_kept
}

resume() {
    while read -r unit <&4; do
        is_active "$unit" || systemctl start "$unit" || incomplete "cannot start $unit: journalctl -u $unit"
    done 4<"$W/resume"
}

# What was kept goes when what came is there, also that of a run which was killed.
drop_kept() {
    systemd_runs && command -v nft >/dev/null && in_kernel "$HANDOVER" || return 0
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        if filters; then
            change "drop the rules that were kept meanwhile" || return 0
            nft delete table inet "$HANDOVER" || warn "table inet $HANDOVER is still there"
            return 0
        fi
        sleep 1
    done
    incomplete "no packet filter has loaded its rules; those of before are kept as table inet $HANDOVER"
}

# The way back after a failure. nftables stops while its unit is still ours: the package's own takes
# every table with it.
keep_meanwhile() {
    gave_way firewalld.service && is_active nftables.service || return 0
    keep_rules || warn "the rules of nftables cannot be kept"
    systemctl stop nftables.service || warn "cannot stop nftables.service"
}

# The rules of before are in the kernel before the filter of this run goes.
load_former() {
    gave_way nftables.service || return 0
    rules=$(rules_of nftables.service "$W/last")
    [ -z "$rules" ] || load_rules "$rules" || warn "the rules of $rules cannot be loaded"
}
