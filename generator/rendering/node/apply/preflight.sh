# shellcheck shell=sh
# calls: check_address check_cloud check_cutoff check_disk check_identity check_plan each refuse say
# ---------------------------------------------------------------- preflight
# What must be right before anything is changed: the bundle, this machine, the other runs.

check_digests() {
    for name in plan.tsv SHA256SUMS; do
        [ -f "$BUNDLE/$name" ] || refuse "the bundle is not whole: $BUNDLE/$name is missing"
    done
    (cd "$BUNDLE" && sha256sum -c --strict --quiet SHA256SUMS) >"$W/digests" 2>&1 || {
        cat "$W/digests" >&2
        refuse "the bundle's files and SHA256SUMS disagree; copy the bundle again"
    }
    SUM=$(sha256sum "$BUNDLE/SHA256SUMS")
    SUM=${SUM%% *}
}

# Every file that the plan names must be one that SHA256SUMS vouches for.
check_complete() {
    {
        echo plan.tsv
        column file 1 | sed 's,^,rootfs,'
        column repository 1 | sed 's,^,rootfs,'
        column block 1 | sed 's,^,blocks,'
    } | sort -u >"$W/needed"
    sed 's/^[0-9a-f]* [ *]//; s,^\./,,' "$BUNDLE/SHA256SUMS" | sort -u >"$W/listed"
    comm -23 "$W/needed" "$W/listed" >"$W/unlisted"
    [ ! -s "$W/unlisted" ] || refuse "not in SHA256SUMS: $(tr '\n' ' ' <"$W/unlisted")"
}

os_release() { sed -n "s/^$1=//p" "$R/etc/os-release" 2>/dev/null | tr -d "\"'"; }

check_os() {
    id=$(os_release ID) version=$(os_release VERSION_ID)
    [ "$id ${version:--}" = "$(field os 1) $(field os 2)" ] ||
        refuse "this bundle is for $(field os 1) $(field os 2), and this machine runs $id $version"
}

check_blocks_whole() {
    awk -v begin="# BEGIN stook $SITE" -v end="# END stook $SITE" '
        $0 == begin { if (inside || blocks) wrong = 1; inside = 1; blocks++ }
        $0 == end { if (!inside) wrong = 1; inside = 0 }
        END { exit wrong || inside }' "$R$1" ||
        refuse "$1: the lines '# BEGIN stook $SITE' and '# END stook $SITE' do not pair up;" \
            "mend them by hand"
}

check_block_file() { [ ! -f "$R$1" ] || check_blocks_whole "$1"; }

preflight() {
    [ "$(id -u)" = 0 ] || refuse "run it as root (sudo $0)"
    check_digests
    check_plan "$PLAN" >"$W/plan" 2>&1 || { cat "$W/plan" >&2; refuse "plan.tsv cannot be carried out"; }
    check_complete
    SITE=$(field site 1) NODE=$(field node 1)
    check_os
    check_identity
    each block check_block_file
    each head check_block_file
    check_cloud
    check_cutoff
    each address check_address
    each disk check_disk
}

# /run/lock is everybody's: who held a lock there would hold up every run, and a link would be followed.
lock() {
    locks=$R/run/stook
    (umask 077 && mkdir "$locks" 2>/dev/null) || :
    if [ -L "$locks" ] || [ ! -d "$locks" ] || ! [ -O "$locks" ] || [ -L "$locks/apply.lock" ]; then
        refuse "$locks is not a folder of root's own with no link in it"
    fi
    chmod 0700 "$locks"
    exec 9>>"$locks/apply.lock"
    flock -n 9 && return 0
    say "another apply is running; waiting for it (at most 15 minutes)"
    flock -w 900 9 || refuse "another apply is still running"
}

systemd_runs() { [ -d "$R/run/systemd/system" ]; }
