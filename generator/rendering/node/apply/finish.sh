# shellcheck shell=sh
# calls: keep_new say systemd_runs
# ---------------------------------------------------------------- finish
# The end of a run that did not fail: the stamp, or what is missing.

stamp() {
    printf '{"stook": 1, "site": "%s", "node": "%s", "bundle": "%s", "spec": "%s"}\n' \
        "$SITE" "$NODE" "$SUM" "$(field spec 1)" >"$W/stamp"
    cmp -s "$W/stamp" "$STAMP" && return 0
    mkdir -p "$STATE"
    cp "$W/stamp" "$STAMP.new"
    mv -f "$STAMP.new" "$STAMP"
}

finish() {
    if [ "$MODE" = check ]; then
        [ "$CHANGES" -gt 0 ] || { say "$NODE: nothing to do"; exit 0; }
        say "$NODE: changes to make: $CHANGES"
        exit 1
    fi
    keep_new
    if [ -n "$INCOMPLETE" ]; then
        rm -f "$STAMP"
        say "$NODE: INCOMPLETE, all the rest is done; missing:"
        printf '%s' "$INCOMPLETE" | sed 's/^/  /'
        exit 75
    fi
    if ! systemd_runs; then
        say "$NODE: changes made: $CHANGES; systemd is not running here: units are enabled only," \
            "the first boot does the rest"
        exit 0
    fi
    stamp
    # what the retry unit once failed at is done now
    if systemctl is-failed -q "$RETRY"; then systemctl reset-failed "$RETRY" || :; fi
    rmdir "$STATE/pending" 2>/dev/null || :
    if [ "$CHANGES" = 0 ]; then say "$NODE: nothing to do"; else say "$NODE: done, changes made: $CHANGES"; fi
    exit 0
}
