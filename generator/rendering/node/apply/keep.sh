# shellcheck shell=sh
# calls: change systemd_runs
# ---------------------------------------------------------------- keep
# The bundle and the retry unit are on the node before what may fail.

keep_bundle() {
    [ "$BUNDLE" != "$(cd -P "$STATE/bundle" 2>/dev/null && pwd)" ] || return 0
    if cmp -s "$BUNDLE/SHA256SUMS" "$STATE/bundle/SHA256SUMS" &&
        (cd "$STATE/bundle" && sha256sum -c --status SHA256SUMS 2>/dev/null); then return 0; fi
    change "keep this bundle as /var/lib/stook/bundle" || return 0
    rm -rf "$STATE/bundle.new" "$STATE/bundle.old"
    while read -r name; do
        mkdir -p "$STATE/bundle.new/$(dirname "$name")"
        cp -p "$BUNDLE/$name" "$STATE/bundle.new/$name"
    done <"$W/listed"
    cp -p "$BUNDLE/SHA256SUMS" "$STATE/bundle.new/"
    # the retry unit runs it
    cp -p "$0" "$STATE/bundle.new/apply"
    chmod 0755 "$STATE/bundle.new/apply"
    [ ! -e "$STATE/bundle" ] || mv "$STATE/bundle" "$STATE/bundle.old"
    mv "$STATE/bundle.new" "$STATE/bundle"
    rm -rf "$STATE/bundle.old"
}

# Before packages: a first boot without a network must be followed by another try.
# It is not restored by a failure either.
arm() {
    unit=/etc/systemd/system/$RETRY
    [ -f "$BUNDLE/rootfs$unit" ] && systemd_runs && [ "$MODE" = apply ] || return 0
    cmp -s "$BUNDLE/rootfs$unit" "$R$unit" && return 0
    change "write $unit" || return 0
    mkdir -p "$R/etc/systemd/system"
    cp "$BUNDLE/rootfs$unit" "$R$unit.stook-new"
    chmod 0644 "$R$unit.stook-new"
    mv -f "$R$unit.stook-new" "$R$unit"
    systemctl daemon-reload
    systemctl -q --no-reload enable "$RETRY"
}
