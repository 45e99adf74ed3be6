# shellcheck shell=sh
# calls: change complaints fetch_and_install finish hold_daemons incomplete installed_version put release_daemons refresh say warn
# ---------------------------------------------------------------- packages
# Packages and their repositories; no packaged daemon starts before its files are there.

missing_packages() {
    column package 1 | while read -r package; do
        installed_version "$package" >/dev/null || printf '%s ' "$package"
    done
}

install_packages() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    change "install packages: ${missing% }" || return 0
    hold_daemons
    for try in 1 2 3; do
        # a hundred lines for each try would hide what the others say
        # shellcheck disable=SC2086 # one word for each package
        fetch_and_install $missing >"$STATE/$MANAGER.log" 2>&1 || :
        missing=$(missing_packages)
        [ -n "$missing" ] || break
        say "not installed at try $try of 3: ${missing% }; all of it is in $STATE/$MANAGER.log:"
        complaints "$STATE/$MANAGER.log"
        [ "$try" = 3 ] || sleep "$((try * 5))"
    done
    release_daemons
    [ -z "$missing" ] || {
        incomplete "packages cannot be had now: ${missing% }"
        finish
    }
}

# The lists of a repository that is gone are not left for the next person to wonder at.
refresh_lists() {
    [ -e "$W/repositories" ] || return 0
    change "read the lists of packages anew" || return 0
    refresh >"$STATE/$MANAGER.log" 2>&1 || warn "the lists of packages cannot be read anew now; nothing of this run needs them"
}

put_repository() { put "$BUNDLE/rootfs$1" "$1" 0644 "$OWNER" "$GROUP"; }
