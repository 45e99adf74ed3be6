# shellcheck shell=sh
# calls: arm close_user each end_hand_over find_aside find_gone finish gone hand_over install_packages keep_both keep_bundle leave_group lock meet_unit on_exit open_everput preflight put_block put_disk put_file put_head put_hostname put_mount put_mountpoint put_repository put_secret put_unit put_user read_last refresh_lists release_daemons reload_units remove_absent say systemd_runs take_block take_door take_file take_head take_last take_mount take_mountpoint take_old_door take_repository take_secret take_unit take_user tell_own validate
# ---------------------------------------------------------------- main
# The order of it all.

usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
    exit "$1"
}

options() {
    for option; do
        case $option in
            --check) MODE=check ;;
            --allow-cutoff) ALLOW_CUTOFF=yes ;;
            -h | --help) usage 0 ;;
            *)
                printf 'stook apply: unknown option %s\n' "$option" >&2
                usage 2 >&2
                ;;
        esac
    done
}

main() {
    options "$@"
    BUNDLE=$(cd -P "$(dirname "$0")" && pwd)
    PLAN=$BUNDLE/plan.tsv
    OWNER=$(id -un) GROUP=$(id -gn)
    W=$(mktemp -d)
    PENDING=$STATE/pending
    [ "$MODE" = apply ] || PENDING=$W/pending
    # the ssh session that watches may well go away on the way
    trap '' HUP PIPE
    trap 'on_exit $?' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    preflight
    [ "$MODE" = check ] || lock
    open_everput
    read_last
    say "$NODE: bundle $(echo "$SUM" | cut -c 1-12) of site $SITE"
    [ "$MODE" = check ] || release_daemons
    find_gone
    keep_both
    each unit meet_unit
    keep_bundle
    arm
    find_aside
    gone file take_door
    gone repository take_repository
    refresh_lists
    each repository put_repository
    install_packages
    each user put_user
    gone group leave_group
    systemd_runs || say "systemd is not running here: no disk is touched, units are enabled only"
    if systemd_runs; then each disk put_disk; fi
    each mountpoint put_mountpoint
    validate early "$BUNDLE/rootfs"
    each file put_file
    each secret put_secret
    each absent remove_absent
    each block put_block
    each head put_head
    put_hostname "$(field hostname 1)"
    gone unit take_unit
    gone file take_file
    gone secret take_secret
    gone block take_block
    gone head take_head
    if [ "$MODE" = apply ] && [ "$STARTED" = yes ]; then validate late "$R"; fi
    if systemd_runs; then
        [ "$STARTED" = no ] || reload_units
        each mount put_mount
    fi
    hand_over
    each unit put_unit
    end_hand_over
    gone unit tell_own
    gone file take_old_door
    gone user take_user
    gone claim-mount take_mount
    gone mountpoint take_mountpoint
    take_last
    TAKEN=yes
    if [ -e "$W/enabled" ] || [ -e "$W/disabled" ] && systemd_runs; then reload_units; fi
    each close close_user
    finish
}
