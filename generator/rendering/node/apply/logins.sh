# shellcheck shell=sh
# calls: cut_off inside
# ---------------------------------------------------------------- logins
# Whether who runs this by ssh could come back: under the same name, or with the same key.

# Who came by ssh and runs this, under the name that they logged in with: the outermost process
# above that has the session's environment is theirs, whatever su and sudo made of it since.
ssh_user() {
    pid=$$ uid=''
    while [ "${pid:-0}" -gt 1 ] && [ -r "$R/proc/$pid/status" ]; do
        if tr '\0' '\n' <"$R/proc/$pid/environ" 2>/dev/null | grep -q '^SSH_CONNECTION='; then
            uid=$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "$R/proc/$pid/status")
        fi
        pid=$(sed -n 's/^PPid:[[:space:]]*//p' "$R/proc/$pid/status")
    done
    if [ -n "$uid" ]; then getent passwd "$uid" | cut -d : -f 1; else echo "${SUDO_USER-}"; fi
}

# The key itself of each line, without options and comment.
keys_of() { # FILE…
    cat -- "$@" 2>/dev/null |
        grep -oE '(ssh-(ed25519|rsa)|ecdsa-sha2-nistp[0-9]+|sk-[a-z0-9-]+@openssh\.com) AAAA[A-Za-z0-9+/=]+' || :
}

# Of a file of the bundle the lines with a key that are for CLIENT's network; any, where there is none.
lines_for() { # FILE CLIENT
    [ -f "$1" ] || return 0
    while IFS= read -r line; do
        case $line in
            '' | '#'*) continue ;;
            'from="'*)
                nets=${line#from=\"}
                echo "${nets%%\"*}" | tr , '\n' >"$W/from"
                [ -z "$2" ] || inside "$2" "$W/from" || continue
                ;;
        esac
        printf '%s\n' "$line"
    done <"$1"
}

# The user is one of the bundle's, who may come from where this run's client is.
is_let_in() { # USER
    file=$(of login "$1" 2)
    [ "$file" = - ] || { [ -n "$file" ] && [ -n "$(lines_for "$BUNDLE/rootfs$file" "${client-}")" ]; }
}

# The bundle has a key that the user can log in with now: the same person, under another name.
has_own_key() { # USER
    home=$(getent passwd "$1" | cut -d : -f 6)
    keys_of "$R$home/.ssh/authorized_keys" "$R$home/.ssh/authorized_keys2" \
        "$R/etc/ssh/authorized_keys.d/$1" | sort -u >"$W/keys-now"
    column login 2 | while read -r file; do
        lines_for "$BUNDLE/rootfs$file" "${client-}" >"$W/lines"
        keys_of "$W/lines"
    done | sort -u >"$W/keys-then"
    [ -n "$(comm -12 "$W/keys-now" "$W/keys-then")" ]
}

check_login() {
    user=$(ssh_user)
    [ -n "$user" ] || return 0
    if is_let_in "$user" || has_own_key "$user"; then return 0; fi
    cut_off "you are here by ssh as $user, which this bundle lets in no more, nor any key of yours" \
        "Add one of your keys to 'admins', with a 'from' that has your network, and build again"
}
