# shellcheck shell=sh
# calls: change fail keep last_word left_open place_for remember save say show_leaving warn was_put
# ---------------------------------------------------------------- leaving users
# Accounts that have left the bundle: those that were made for it are closed, from others only what
# was given is taken.

# Expired, because a locked password does not keep out who has a key.
CLOSED=1

expiry() { getent shadow "$1" | cut -d : -f 8; }

# Without an x in /etc/passwd nobody reads what /etc/shadow says of it.
is_closed() { [ "$(expiry "$1")/$(getent passwd "$1" | cut -d : -f 2)" = "$CLOSED/x" ]; }

leave_group() { # USER GROUP
    if ! was_put member "$1 $2" && [ -z "$LOST" ]; then return 0; fi
    case " $(id -nG "$1" 2>/dev/null) " in *" $2 "*) ;; *) return 0 ;; esac
    change "take $1 out of group $2" || return 0
    gpasswd -d "$1" "$2" >/dev/null || {
        left_open "cannot take $1 out of group $2"
        return 0
    }
    printf '%s\t%s\n' "$1" "$2" >>"$W/left"
    remember member "$1 $2" gone
}

take_user() { # NAME
    getent passwd "$1" >/dev/null || {
        find_renamed "$1"
        return 0
    }
    was_made "$1" || return 0
    shell=$(getent passwd "$1" | cut -d : -f 7) before=$(expiry "$1")
    is_closed "$1" || {
        change "close the account $1: expired, and no shell; its home stays" && {
            printf '%s\t%s\t%s\n' "$1" "$shell" "$before" >>"$W/closed"
            usermod -e "$CLOSED" -s /usr/sbin/nologin "$1" || :
            is_closed "$1" || left_open "the account $1 could not be closed: in /etc/passwd and in /etc/shadow it must \
have one line each, with an x for its password in the first; then usermod -e $CLOSED -s /usr/sbin/nologin $1"
        }
    }
    take_jobs "$1"
}

was_made() { # NAME
    if [ -n "$LOST" ] && [ -z "$(last_word account "$1")" ]; then remember account "$1" lost; fi
    case $(last_word account "$1") in
        put) return 0 ;;
        lost)
            is_closed "$1" || left_open "nothing says any more whether the account $1 was made for a bundle; if it was, \
close it: usermod -e $CLOSED -s /usr/sbin/nologin $1"
            ;;
        *) say "the account $1 stays as it is, without what the bundle had given it: nothing says that it was made for one" ;;
    esac
    return 1
}

# Under another name it is the same account.
find_renamed() { # NAME
    uid=$(last_word uid "$1")
    other=$(getent passwd "${uid:--}" | cut -d : -f 1)
    if was_put account "$1" && [ -n "$other" ]; then
        left_open "the account $1, which has left the bundle, is called $other now: close it, if nobody else is behind it"
    fi
}

# What would go on for it, or begin again.
take_jobs() { # NAME
    for job in "/var/spool/cron/crontabs/$1" "/var/spool/cron/$1" "/var/lib/systemd/linger/$1"; do
        [ ! -f "$R$job" ] || take_job "$1" "$job"
    done
    for folder in /var/spool/cron/atjobs /var/spool/at; do
        [ -d "$R$folder" ] || continue
        find "$R$folder" -maxdepth 1 -type f -user "$1" >"$W/jobs"
        while read -r job <&4; do take_job "$1" "${job#"$R"}"; done 4<"$W/jobs"
    done
    home=$(getent passwd "$1" | cut -d : -f 6)
    find "$R$home/.config/systemd/user" -maxdepth 2 -name '*.*' ! -type d 2>/dev/null | tr -cd '[:print:]\n' >"$W/jobs" || :
    [ ! -s "$W/jobs" ] || say "user units of $1, which end with its sessions: $(sed 's,.*/,,' "$W/jobs" | sort -u | tr '\n' ' ')"
}

take_job() { # NAME PATH
    show_leaving "$2" /dev/null
    kept=$(place_for "$2")
    change "take $2 of $1 away; it is kept as $kept" || return 0
    save "$2"
    keep "$2" "$kept"
    rm -f "$R$2"
}

open_again() { # NAME
    [ "$(expiry "$1")" = "$CLOSED" ] || return 0
    change "open the account $1 again" || return 0
    usermod -e '' "$1" || fail "cannot open the account $1"
}

# After a failure what this run had closed is as it was.
reopen() {
    if [ -e "$W/closed" ]; then
        while IFS=$TAB read -r user shell before <&4; do
            usermod -e "$before" -s "$shell" "$user" || warn "cannot open the account $user again"
        done 4<"$W/closed"
    fi
    [ -e "$W/left" ] || return 0
    while IFS=$TAB read -r user group <&4; do
        usermod -a -G "$group" "$user" || warn "cannot add $user to group $group again"
        remember member "$user $group" put
    done 4<"$W/left"
}
