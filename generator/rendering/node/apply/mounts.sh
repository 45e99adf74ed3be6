# shellcheck shell=sh
# calls: change disk_state fail incomplete remember same_mode say warn
# ---------------------------------------------------------------- mounts
# Mount points that cannot be written to while nothing is mounted, and mounts.

is_immutable() { lsattr -d "$R$1" 2>/dev/null | awk '$1 ~ /i/ { found = 1 } END { exit !found }'; }

put_mountpoint() { # PATH
    if is_mounted "$1"; then return 0; fi
    if [ ! -d "$R$1" ]; then
        change "make mount point $1" || return 0
        remember mountpoint "$1" put
        mkdir -p "$R$(dirname "$1")"
        install -d -m 0700 "$R$1" || fail "cannot make $1"
    elif ! same_mode "$1" 0700 "$OWNER" "$GROUP"; then
        change "set mount point $1 to 0700" || return 0
        if is_immutable "$1"; then chattr -i "$R$1"; fi
        chown "$OWNER:$GROUP" "$R$1"
        chmod 0700 "$R$1"
    fi
    seal "$1"
}

# What is written beneath an absent mount is lost from sight when the mount is there.
seal() {
    if is_immutable "$1"; then return 0; fi
    [ -z "$(ls -A "$R$1")" ] || warn "$1 is not empty; what is in it will be hidden by the mount"
    if ! lsattr -d "$R$1" >/dev/null 2>&1; then
        [ -n "${UNSEALABLE-}" ] || say "this file system has no immutable flag; mount points are 0700 only"
        UNSEALABLE=yes
        return 0
    fi
    change "make the bare $1 immutable" || return 0
    chattr +i "$R$1" || warn "cannot make $1 immutable; it is 0700 only"
}

# lacks_guard PATH: it is mounted without one of the options that keep files on it from lifting anybody up.
lacks_guard() {
    [ -f "$BUNDLE/blocks/etc/fstab" ] || return 1
    P=$(printf '%s' "$1" | sed 's/ /\\040/g') awk '
        FILENAME == ARGV[1] { if ($2 == ENVIRON["P"]) n = split($4, wanted, ","); next }
        $5 == ENVIRON["P"] { has = "," $6 "," }
        END {
            for (i = 1; i <= n; i++)
                if (wanted[i] ~ /^no(suid|dev|exec)$/ && !index(has, "," wanted[i] ",")) exit 0
            exit 1
        }' "$BUNDLE/blocks/etc/fstab" "$R/proc/self/mountinfo"
}

guard() { # PATH
    if ! lacks_guard "$1"; then return 0; fi
    change "mount $1 again, with the options of the bundle" || return 0
    timeout 90 mount -o remount "$1" </dev/null || incomplete "$1 cannot be mounted with its options"
}

put_mount() {
    if is_mounted "$1"; then
        guard "$1"
        return 0
    fi
    disk=$(P=$1 awk -F "$TAB" '$1 == "disk" && $5 == ENVIRON["P"] { print $2 " " $4; exit }' "$PLAN")
    if [ -n "$disk" ] && [ "$MODE" = apply ]; then
        case $(disk_state "${disk%% *}" "${disk##* }") in
            "done") ;;
            *) return 0 ;; # named as missing before
        esac
    fi
    change "mount $1" || return 0
    timeout 90 mount "$1" </dev/null || incomplete "$1 cannot be mounted"
}
