# shellcheck shell=sh
# calls: change fail first in_place keep_absent keep_at remember warn
# ---------------------------------------------------------------- files
# Whole files: put, set right, removed, and kept for the way back.

# save PATH: keep what is there now, to be put back if this run fails.
save() {
    [ -e "$STATE/undo/root$1" ] || [ -L "$STATE/undo/root$1" ] && return 0
    mkdir -p "$STATE/undo"
    chmod 0700 "$STATE/undo"
    if [ -e "$R$1" ] || [ -L "$R$1" ]; then
        mkdir -p "$STATE/undo/root$(dirname "$1")"
        in_place "$1" keep_at "$STATE/undo/root$1" || fail "$1 is behind a link that root has not put there"
    fi
    grep -Fqx -- "$1" "$STATE/undo/LIST" 2>/dev/null || printf '%s\n' "$1" >>"$STATE/undo/LIST"
}

# Units that watch PATH still have to be told, also when this run ends before that; so the mark
# is made first. A file that is gone is watched by nobody any more: the last plan knows who did.
touched() {
    mkdir -p "$PENDING"
    P=$1 awk -F "$TAB" '$1 == "unit" {
        if (FILENAME == ARGV[1]) now[$2]
        n = split($5, watched, ",")
        for (i = 1; i <= n; i++) if (watched[i] == ENVIRON["P"] && ($2 in now)) print $2
    }' "$PLAN" "$W/last" >"$W/watchers"
    while read -r watcher; do : >"$PENDING/$watcher"; done <"$W/watchers"
}

parents() { # PATH OWNER GROUP
    [ -d "$R$(dirname "$1")" ] && return 0
    folder=$(dirname "$1")
    until [ -d "$R$folder" ]; do
        remember folder "$folder" put
        folder=$(dirname "$folder")
    done
    mkdir -p "$R$(dirname "$1")"
    case $1 in
        # sshd ignores keys below a directory that others may write to, and so would the user
        */.ssh/*) install -d -m 0700 -o "$2" -g "$3" "$R$(dirname "$1")" ;;
    esac
}

show_diff() { # NEW PATH
    [ "$MODE" = check ] || return 0
    if [ -f "$R$2" ]; then old=$R$2; else old=/dev/null; fi
    diff -u --label "$2 (now)" --label "$2 (bundle)" "$old" "$1" || :
}

same_mode() { # PATH MODE OWNER GROUP
    [ "$(stat -c '%a %U %G' "$R$1")" = "${2#0} $3 $4" ]
}

# put NEW PATH MODE OWNER GROUP [part]: the whole file, by a temporary name beside it and a rename. Of a
# `part` others write the rest, so that it never leaves.
put() {
    if [ -d "$R$2" ] && [ ! -L "$R$2" ]; then fail "$2 is a directory, and the bundle has a file there"; fi
    if [ -f "$R$2" ] && [ ! -L "$R$2" ] && cmp -s "$1" "$R$2"; then
        if same_mode "$2" "$3" "$4" "$5"; then return 0; fi
        touched "$2"
        change "set $2 to $3 $4:$5 (was $(stat -c '0%a %U:%G' "$R$2"))" || return 0
    else
        show_diff "$1" "$2"
        touched "$2"
        if [ -e "$R$2" ]; then doing="replace $2"; else doing="write $2"; fi
        change "$doing" || return 0
    fi
    [ -n "${6-}" ] || first "$2"
    save "$2"
    parents "$2" "$4" "$5"
    temp=$R$(dirname "$2")/.$(basename "$2").stook-new
    rm -f "$temp"
    install -m "$3" -o "$4" -g "$5" "$1" "$temp" || fail "cannot write $2"
    mv -f "$temp" "$R$2" || fail "cannot rename a file to $2"
}

put_file() { put "$BUNDLE/rootfs$1" "$1" "$2" "$3" "$4"; }

remove_absent() {
    [ -e "$R$1" ] || [ -L "$R$1" ] || return 0
    if [ -d "$R$1" ] && [ ! -L "$R$1" ]; then
        warn "$1 is a directory and is left alone"
        return 0
    fi
    touched "$1"
    change "remove $1" || return 0
    save "$1"
    keep_absent "$1"
    rm -f "$R$1"
}

put_hostname() {
    printf '%s\n' "$1" >"$W/hostname"
    put "$W/hostname" /etc/hostname 0644 "$OWNER" "$GROUP" part
    [ "$(hostname)" = "$1" ] && return 0
    change "set the host name to $1 (was $(hostname))" || return 0
    hostname "$1" || warn "the host name takes effect at the next boot only"
}
