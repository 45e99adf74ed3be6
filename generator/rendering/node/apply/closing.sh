# shellcheck shell=sh
# calls: change fail
# ---------------------------------------------------------------- closing
# Accounts that came with the image and that nobody is to use.

# Expired, which keys do not pass either; without a shell and its further groups. Its home is kept.
close_user() { # NAME
    getent passwd "$1" >/dev/null || return 0
    [ "$(getent shadow "$1" | cut -d : -f 8)/$(id -nG "$1")" != "1/$(id -gn "$1")" ] || return 0
    change "close the account $1, which came with the image" || return 0
    usermod -e 1 -s /usr/sbin/nologin -G '' "$1" || fail "cannot close the account $1"
}
