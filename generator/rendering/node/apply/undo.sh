# shellcheck shell=sh
# calls: bring clear_folders drop_kept each end_sessions in_last in_place is_active keep_meanwhile keep_old last_word load_former release_daemons remember reopen restart_stopped say systemd_runs warn was_put
# ---------------------------------------------------------------- undo
# The end of a run that failed: files and blocks go back, and who was told is told again.

restore_one() {
    if [ -e "$STATE/undo/root$1" ] || [ -L "$STATE/undo/root$1" ]; then
        mkdir -p "$R$(dirname "$1")"
        in_place "$1" bring "$STATE/undo/root$1"
    else
        [ ! -d "$R$(dirname "$1")" ] || in_place "$1" rm -f -- && clear_folders "$1"
    fi || { warn "could not restore $1; it is kept in $STATE/undo/root$1"; return 0; }
    if in_last "$1"; then
        [ -z "$(last_word file "$1")" ] || remember file "$1" put
    elif was_put file "$1"; then
        remember file "$1" back
    fi
    say "  $1"
}

# What this run had started and enabled goes back to where it was; what had been told of a new
# file is told of the old one.
retell() { # UNIT MODE CHANGE
    if grep -Fqx -- "$1" "$W/enabled" 2>/dev/null; then systemctl -q disable "$1" || :; fi
    if grep -Fqx -- "$1" "$W/started" 2>/dev/null; then
        say "stopping $1, which this run had started"
        systemctl stop "$1" || :
        return 0
    fi
    if grep -Fqx -- "$1" "$W/told" 2>/dev/null && is_active "$1"; then
        case $3 in
            restart | reload) systemctl "$3" "$1" || warn "cannot $3 $1" ;;
            /*) "$R$3" || warn "$1 still runs with the configuration that was taken back" ;;
        esac
    fi
}

restore() {
    reopen
    keep_meanwhile
    [ ! -f "$STATE/undo/LIST" ] || restore_files
    rm -rf "$STATE/pending"
    if systemd_runs; then
        systemctl daemon-reload || :
        load_former
        each unit retell
    fi
    restart_stopped
    drop_kept
}

restore_files() {
    say "restoring files and blocks:"
    sed '1!G;h;$!d' "$STATE/undo/LIST" >"$W/backwards"
    while read -r path <&4; do restore_one "$path"; done 4<"$W/backwards"
}

on_exit() {
    code=$1
    trap - EXIT
    trap '' INT TERM
    set +e
    if [ "$MODE" = apply ]; then
        release_daemons
        case $code in
            0 | 2 | 75) ;;
            *)
                code=1
                [ "$STARTED" = no ] || { rm -f "$STAMP"; restore; }
                keep_old
                ;;
        esac
        case $code in 0 | 75) end_sessions ;; esac
        again "$code"
    fi
    rm -rf "$W"
    exit "$code"
}

# Nobody watches a boot: the retry unit goes on from here. A person at a terminal who saw a
# failure is not overtaken by it.
again() {
    case $1 in
        75) ;;
        1) if [ -t 0 ] || [ "$STARTED" = no ]; then return 0; fi ;;
        *) return 0 ;;
    esac
    if systemd_runs && [ -f "$R/etc/systemd/system/$RETRY" ] && ! is_active "$RETRY"; then
        systemctl start --no-block "$RETRY" &&
            say "$RETRY goes on trying (journalctl -u $RETRY; systemctl stop $RETRY ends it)"
    fi
}
