# shellcheck shell=sh
# calls: incomplete stays take
# ---------------------------------------------------------------- doors
# Who may log in, and who may be root: what shuts the door to somebody who has left.

# What was there before does not come back to such a place, and what the last plan had there goes, whatever
# the list of what was ever put says.
is_door() {
    case $1 in */.ssh/* | /etc/ssh/authorized_keys* | /etc/sudoers | /etc/sudoers.d/*) return 0 ;; esac
    return 1
}

# Who stays has to get in by the new way before the old one is shut.
take_door() { if is_door "$1" && ! of_who_stays "$1"; then take "$1"; fi; }

take_old_door() { if is_door "$1" && of_who_stays "$1"; then take "$1"; fi; }

of_who_stays() { # PATH
    P=$1 awk -F "$TAB" '
        $1 == "user" && (index(ENVIRON["P"] "/", "/" $2 "/") || index(ENVIRON["P"] "/", "/stook-" $2 "/")) { found = 1 }
        END { exit !found }' "$PLAN"
}

# A door that cannot be shut is no reason to open the others again: it is named, and the next run tries again.
left_open() { # WHY
    incomplete "$1"
    stays
}
