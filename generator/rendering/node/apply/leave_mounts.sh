# shellcheck shell=sh
# calls: change is_immutable stays warn was_put
# ---------------------------------------------------------------- leaving mounts
# What is on a disk or a volume is left as it is; that it is mounted is not.

take_mount() { # PATH
    if ! is_mounted "$1"; then return 0; fi
    change "unmount $1" || return 0
    # neither lazily nor by force: who uses it loses nothing
    timeout 60 umount "$1" </dev/null || {
        warn "$1 has left the bundle and is in use: it stays mounted until the next run that finds it free, or the next boot"
        stays
    }
}

take_mountpoint() { # PATH
    if is_mounted "$1"; then
        [ "$MODE" = check ] || stays
        return 0
    fi
    [ -d "$R$1" ] || return 0
    if is_immutable "$1"; then
        change "make $1 an ordinary folder again" || return 0
        chattr -i "$R$1" || warn "cannot take the immutable flag off $1"
    fi
    was_put mountpoint "$1" && [ -z "$(ls -A "$R$1")" ] || return 0
    change "remove the empty $1" || return 0
    rmdir "$R$1" || warn "cannot remove $1"
}
