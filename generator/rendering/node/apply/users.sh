# shellcheck shell=sh
# calls: change fail open_again remember was_put
# ---------------------------------------------------------------- users
# Accounts, their shells and their groups.

# A person's name that is the system's would change how a daemon runs, and who may read its files.
check_user() { # NAME
    if ! uid=$(id_of "$1"); then
        if ! getent group "$1" >/dev/null; then return 0; fi
        fail "$1 is a group of this system, so no account can have that name." \
            "Call the person otherwise in 'admins' and build again"
    fi
    least=$(sed -n 's/^UID_MIN[[:space:]]*\([0-9]*\).*/\1/p' "$R/etc/login.defs" 2>/dev/null || :)
    [ "$uid" -lt "${least:-1000}" ] || return 0
    was_put account "$1" || fail "$1 is an account of the system (uid $uid) that no bundle made." \
        "Call the person otherwise in 'admins' and build again"
}

id_of() { # NAME
    entry=$(getent passwd "$1") || return 1
    echo "$entry" | cut -d : -f 3
}

put_user() { # NAME SHELL GROUPS
    check_user "$1"
    if ! getent passwd "$1" >/dev/null; then
        groups=''
        [ "$3" = - ] || groups="-G $3"
        change "create user $1" || return 0
        # before it is made: of a run that is killed in between, nobody else would know
        remember account "$1" put
        # `*`: no password fits, yet the account is not one that sshd without PAM calls locked
        # shellcheck disable=SC2086 # two words or none
        useradd -m -s "$2" -p '*' $groups "$1" || {
            remember account "$1" back
            fail "cannot create user $1"
        }
        # whatever becomes of its name
        remember uid "$1" "$(id -u "$1")"
        [ "$3" = - ] || for group in $(echo "$3" | tr , ' '); do remember member "$1 $group" put; done
        return 0
    fi
    open_again "$1"
    if [ "$(getent passwd "$1" | cut -d : -f 7)" != "$2" ]; then
        change "set the shell of $1 to $2" && { usermod -s "$2" "$1" || fail "cannot change user $1"; }
    fi
    [ "$3" = - ] || join_groups "$1" "$3"
}

join_groups() { # NAME GROUP,GROUP
    for group in $(echo "$2" | tr , ' '); do
        case " $(id -nG "$1") " in *" $group "*) continue ;; esac
        change "add $1 to group $group" || continue
        usermod -a -G "$group" "$1" || fail "cannot add $1 to group $group"
        remember member "$1 $group" put
    done
}

# An admin with the name of the image's account is in no group that the image had put it into.
leave_groups() { # NAME GROUP,GROUP
    getent passwd "$1" >/dev/null || return 0
    own=$(id -gn "$1")
    for group in $(echo "$2" | tr , ' '); do
        [ "$group" != "$own" ] || continue
        case " $(id -nG "$1") " in *" $group "*) ;; *) continue ;; esac
        change "take $1 out of group $group, which the image had put it into" || continue
        gpasswd -d "$1" "$group" >/dev/null || fail "cannot take $1 out of group $group"
    done
}
