# shellcheck shell=sh
# calls: change fail incomplete refuse systemd_runs
# ---------------------------------------------------------------- disks
# Disks: only one without any signature is formatted.

uuid_of() { blkid -p -s UUID -o value "$1" 2>/dev/null || :; }

is_device() { [ -b "$1" ] || { [ -n "$R" ] && [ -f "$1" ]; }; }

# disk_state DEVICE UUID: done, missing, blank, or what is on it that is not ours.
disk_state() {
    device=$(findfs "UUID=$2" 2>/dev/null || :)
    if [ -n "$device" ] && [ "$(uuid_of "$device")" = "$2" ]; then
        echo "done"
    elif ! is_device "$R$1"; then
        if [ -e "$R$1" ]; then echo "not a block device"; else echo missing; fi
    elif [ "$(uuid_of "$R$1")" = "$2" ]; then
        echo "done"
    else
        blank_or_foreign "$R$1"
    fi
}

# Blank only where two probes agree: no signature listed, and blkid's "nothing found" (2).
blank_or_foreign() {
    signatures=$(wipefs -n "$1" 2>&1) || signatures="wipefs cannot read it: $signatures"
    probe=0
    found=$(blkid -p -o export "$1" 2>&1) || probe=$?
    if [ -z "$signatures" ] && [ "$probe" = 2 ]; then
        echo blank
    else
        echo "it holds: $(printf '%s\n' "$found" "$signatures" | sed -n 's/^\(TYPE\|PTTYPE\|UUID\|LABEL\)=/\1 /p' | tr '\n' ' ')"
    fi
}

check_disk() { # DEVICE FSTYPE UUID MOUNTPOINT
    systemd_runs || return 0
    state=$(disk_state "$1" "$3")
    case $state in
        "done" | missing | blank) ;;
        *) refuse "$1 is to become $4 and is not empty: $state." \
            "Only a device without any signature is formatted. If its data may go: wipefs -a $1" ;;
    esac
}

put_disk() { # DEVICE FSTYPE UUID MOUNTPOINT
    state=$(disk_state "$1" "$3")
    case $state in
        "done") return 0 ;;
        missing) incomplete "disk $1 for $4 is not there" ;;
        blank)
            change "format $1 as $2 for $4" || return 0
            format "$1" "$2" "$3"
            ;;
        *) fail "$1 for $4 is not empty any more: $state" ;;
    esac
}

format() { # DEVICE FSTYPE UUID
    # none of these is told to overwrite: each has a last look of its own
    case $2 in
        xfs) mkfs.xfs -q -m "uuid=$3" "$R$1" </dev/null ;;
        ext4) mkfs.ext4 -q -U "$3" "$R$1" </dev/null ;;
        *) fail "cannot make a file system of type $2" ;;
    esac || fail "cannot format $1"
    if command -v udevadm >/dev/null; then udevadm settle --timeout=10 || :; fi
}
