# shellcheck shell=sh
# calls: check_address check_cloud check_cutoff check_disk check_plan each refuse say
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

# The bundle of another node would give this one its address, name and bricks.
check_identity() {
    old=$APPLIED
    [ -f "$old" ] || old=$STATE/bundle/plan.tsv
    [ -f "$old" ] || return 0
    was=$(awk -F "$TAB" '$1 == "site" { s = $2 } $1 == "node" { n = $2 } END { print s "/" n }' "$old")
    # nothing is known of it: it cannot be read, which is said, and nothing is taken away
    [ "$was" != / ] || return 0
    [ "$was" = "$SITE/$NODE" ] ||
        refuse "this machine is $was, and this is the bundle of $SITE/$NODE, which knows nothing of what is" \
            "here$(known_disks "$old"). A node that is only to be called otherwise keeps its disks by their" \
            "'uuid' in the spec. To make this machine another node on purpose, first remove" \
            "$APPLIED and $STATE/bundle; nothing of $was is taken away then"
    check_same_disks "$old"
}

known_disks() { # PLAN
    awk -F "$TAB" '$1 == "disk" { printf "%s %s (UUID=%s)", (n++ ? "," : ", as the file systems"), $5, $4 }' "$1"
}

# UUIDs are made of the identity and of names: with others, what is on the node would be lost from sight.
check_same_disks() { # PLAN
    awk -F "$TAB" '
        FILENAME == ARGV[1] && $1 == "identity" { identity = $2 }
        FILENAME == ARGV[1] && $1 == "disk" { was[$5] = was[$5] " " $4 " " }
        FILENAME == ARGV[1] { next }
        $1 == "identity" && identity != "" && identity != $2 {
            printf "the spec has another identity than what is here was made with; write `identity: %s` back into it", identity
            exit
        }
        $1 == "disk" && ($5 in was) && !index(was[$5], " " $4 " ") {
            split(was[$5], one, " ")
            printf "%s was the file system UUID=%s, and the bundle wants UUID=%s there; give the disk `uuid: %s` in " \
                "the spec, or apply once without the disk, so that it is left in peace", $5, one[1], $4, one[1]
            exit
        }' "$1" "$PLAN" >"$W/lost"
    [ ! -s "$W/lost" ] || refuse "what is on this node would be lost from sight: $(cat "$W/lost")"
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
