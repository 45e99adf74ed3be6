# shellcheck shell=sh
# calls: change fail is_closed last_word remember save
# ---------------------------------------------------------------- closing
# Accounts that came with the image and that nobody is to use, until the spec says that they stay.

further_groups() { # NAME
    own=$(id -gn "$1")
    for group in $(id -nG "$1"); do [ "$group" = "$own" ] || echo "$group"; done | tr '\n' , | sed 's/,$//'
}

# Expired, which keys do not pass either; without a shell and its further groups. Its home is kept.
close_user() { # NAME
    getent passwd "$1" >/dev/null || return 0
    if is_closed "$1" && [ -z "$(further_groups "$1")" ]; then return 0; fi
    change "close the account $1, which came with the image" || return 0
    # who was closed before keeps what is noted of the first time
    is_closed "$1" || remember closed "$1" "$(getent passwd "$1" | cut -d : -f 7) $(further_groups "$1")"
    usermod -e 1 -s /usr/sbin/nologin -G '' "$1" || fail "cannot close the account $1"
}

open_guest() { # NAME FILE
    [ "$2" = - ] && getent passwd "$1" >/dev/null || return 0
    give_back
    if ! is_closed "$1"; then return 0; fi
    was=$(last_word closed "$1")
    case $was in
        /*) ;;
        *)
            fail "the account $1 is expired, and nothing says that a bundle closed it. Where it is to stay," \
                "open it by hand: usermod -e '' -s /bin/sh $1; else say 'image_user: remove'"
            ;;
    esac
    change "open the account $1 again, which came with the image" || return 0
    usermod -e '' -s "${was%% *}" -G "${was#* }" "$1" || fail "cannot open the account $1"
    remember closed "$1" back
}

# keep_absent PATH: what was there, before it is removed.
keep_absent() {
    [ -f "$R$1" ] && [ ! -L "$R$1" ] || return 0
    mkdir -p "$STATE/absent$(dirname "$1")"
    chmod 0700 "$STATE/absent"
    cp -p "$R$1" "$STATE/absent$1"
    remember absent "$1" put
}

# The image's own sudo rule, where an earlier bundle removed it and this one does not. That it is back is
# noted by the next run that sees it: this one may fail, and take it away again.
give_back() {
    awk -F "$TAB" '$1 == "absent" { print $2 }' "$EVERPUT" | sort -u >"$W/absent"
    while read -r path <&4; do
        if [ "$(last_word absent "$path")" != put ]; then continue; fi
        if column absent 1 | grep -Fqx -- "$path"; then continue; fi
        if [ -e "$R$path" ]; then
            remember absent "$path" back
            continue
        fi
        change "put $path back, which came with the image" || continue
        save "$path"
        mkdir -p "$R$(dirname "$path")"
        cp -p "$STATE/absent$path" "$R$path" || fail "cannot put $path back"
    done 4<"$W/absent"
}
