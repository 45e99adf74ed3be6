# shellcheck shell=sh
# calls: refuse
# ---------------------------------------------------------------- identity
# Whether this is the machine that the bundle is for, and what is on it what the bundle means.

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
    check_same "$old"
}

known_disks() { # PLAN
    awk -F "$TAB" '$1 == "disk" { printf "%s %s (UUID=%s)", (n++ ? "," : ", as the file systems"), $5, $4 }' "$1"
}

# UUIDs are made of the identity and of names: with others, what is on the node would be lost from sight.
check_same() { # PLAN
    awk -F "$TAB" '
        FILENAME == ARGV[1] && $1 == "identity" { identity = $2 }
        FILENAME == ARGV[1] && $1 == "lasting" { lasted[$2] = $3 }
        FILENAME == ARGV[1] && $1 == "disk" { was[$5] = was[$5] " " $4 " " }
        FILENAME == ARGV[1] { next }
        $1 == "identity" && identity != "" && identity != $2 {
            printf "the spec has another identity than what is here was made with; write `identity: %s` back into it", identity
            exit
        }
        $1 == "lasting" && ($2 in lasted) && lasted[$2] != $3 {
            printf "%s was made with %s, and the bundle has %s; write `%s: %s` into the spec", $2, lasted[$2], $3, $4, lasted[$2]
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
