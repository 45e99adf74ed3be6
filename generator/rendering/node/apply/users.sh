# shellcheck shell=sh
# calls: change fail open_again remember
# ---------------------------------------------------------------- users
# Accounts, their shells and their groups.

put_user() { # NAME SHELL GROUPS
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
