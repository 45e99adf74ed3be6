# shellcheck shell=sh
# calls: before_us bring change contents fail in_place is_door is_plain keep_at left_open of_the_last reach remember save touched warn was_put
# ---------------------------------------------------------------- leave
# Files that have left the bundle leave the node; what was there before them comes back.

# With `secret` nothing of it is shown, and nobody can have edited it.
take() { # PATH [secret]
    if ! was_put file "$1" && ! is_door "$1"; then return 0; fi
    [ -e "$R$1" ] || [ -L "$R$1" ] || return 0
    if [ -d "$R$1" ] && [ ! -L "$R$1" ]; then
        if is_door "$1"; then left_open "$1 has left the bundle and is a directory: look at it, and remove it"; else
            warn "$1 is a directory and is left alone"
        fi
        return 0
    fi
    (reach "$(dirname "$1")") || {
        left_open "$1 has left the bundle and is behind a link that root has not put there: look at it, and remove it"
        return 0
    }
    kept='' doing="remove $1"
    before_us "$1"
    [ -n "${2-}" ] || is_as_put "$1" || is_as_before "$1" "$before" || kept=$(place_for "$1")
    [ -z "$before" ] || doing="give back the $1 that was there before"
    [ -n "${2-}" ] || show_leaving "$1" "${before:-/dev/null}"
    touched "$1"
    printf '%s\n' "$1" >>"$W/taken"
    change "$doing${kept:+; somebody has edited it, and it is kept as $kept}" || return 0
    save "$1"
    [ -z "$kept" ] || keep "$1" "$kept"
    if [ -n "$before" ]; then
        in_place "$1" bring "$before" || fail "cannot give back $1"
        remember file "$1" back
        save "${before#"$R"}"
        rm -f "$before"
    else
        remove "$1" || return 0
        clear_folders "$1"
    fi
}

remove() { # PATH
    in_place "$1" rm -f -- && return 0
    is_door "$1" || fail "cannot remove $1"
    # somebody may have made it immutable before he left
    { in_place "$1" chattr -i -- && in_place "$1" rm -f --; } ||
        left_open "$1 has left the bundle and cannot be removed, so whom it lets in still gets in: remove it"
    [ ! -e "$R$1" ]
}

take_file() { if ! is_door "$1" && ! of_the_last "$1"; then take "$1"; fi; }

take_last_file() { if of_the_last "$1"; then take "$1"; fi; }

take_repository() {
    take "$1"
    grep -Fqx -- "$1" "$W/taken" 2>/dev/null || return 0
    : >"$W/repositories"
}

# What was brought for it goes with it, so that it is readable nowhere.
take_secret() { # PATH NAME
    take "$1" secret
    [ -z "$(of_name secret "$2")" ] || return 0
    [ -e "$STATE/secrets/$2" ] || return 0
    change "remove the secret $2 that was brought for it" || return 0
    save "/var/lib/stook/secrets/$2"
    rm -f "$STATE/secrets/$2"
}

of_name() { N=$2 awk -F "$TAB" -v verb="$1" '$1 == verb && $3 == ENVIRON["N"] { print $2 }' "$PLAN"; }

# Whether a file is one that a bundle put there, byte for byte.
is_as_put() {
    sum=$(contents "$1" | sha256sum)
    in_place "$1" is_plain && grep -Fqx -- "${sum%% *}${TAB}rootfs$1" "$W/last-sums"
}

# A run may have been killed when it had just given it back.
is_as_before() { [ -n "$2" ] && contents "$1" | cmp -s - "$2"; }

# What is kept must not be read by whoever reads the folder: beside it where the end of a name counts,
# elsewhere where any name does, and where the folder is a user's.
place_for() {
    case $verb:$1 in
        repository:* | *:*/.ssh/* | *:/home/* | *:/etc/ssh/authorized_keys* | *:/etc/sudoers* | *:/etc/cron* | \
            *:/etc/logrotate.d/* | *:*/sites-enabled/* | *:/etc/pam.d/* | *:/etc/init.d/* | *:/var/*) name=$STATE/kept$1 ;;
        *) name=$R$1.stook-kept ;;
    esac
    n=1 place=$name
    while [ -e "$place" ] || [ -L "$place" ]; do
        n=$((n + 1))
        place=$name.$n
    done
    printf '%s\n' "${place#"$R"}"
}

keep() { # PATH PLACE
    case $2 in "${STATE#"$R"}"/*) mkdir -p "$R$(dirname "$2")" && chmod 0700 "$STATE/kept" ;; esac
    save "$2"
    in_place "$1" keep_at "$R$2" || fail "cannot keep $1"
}

show_leaving() { # PATH AFTER
    [ "$MODE" = check ] || return 0
    contents "$1" >"$W/leaving" || :
    # some of these are written by users
    diff -u --label "$1 (now)" --label "$1 (after)" "$W/leaving" "$2" | tr -d '\000-\010\013-\037\177' || :
}

# Folders that were made for files of ours, when nothing is left in them.
clear_folders() { # PATH
    folder=$(dirname "$1")
    while was_put folder "$folder" && rmdir "$R$folder" 2>/dev/null; do folder=$(dirname "$folder"); done
    return 0
}
