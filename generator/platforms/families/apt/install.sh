# shellcheck shell=sh
MANAGER=apt

# Daemons must not start with the packager's configuration: glusterd would take its default
# ports, firewalld its default zone. They start when their files are in place.
hold_daemons() {
    policy=$R/usr/sbin/policy-rc.d
    mkdir -p "$R/usr/sbin" "$STATE"
    [ -e "$policy" ] && ! grep -q 'written by stook' "$policy" && mv -f "$policy" "$STATE/policy-rc.d"
    # a reload starts nothing, and D-Bus needs one to know of new services
    printf '#!/bin/sh\n# written by stook apply, and removed at its end
case " $* " in *" reload "*) exit 0 ;; esac\nexit 101\n' >"$policy.stook-new"
    chmod 0755 "$policy.stook-new"
    mv -f "$policy.stook-new" "$policy"
}

release_daemons() {
    policy=$R/usr/sbin/policy-rc.d
    grep -q 'written by stook' "$policy" 2>/dev/null || return 0
    rm -f "$policy"
    [ ! -e "$STATE/policy-rc.d" ] || mv -f "$STATE/policy-rc.d" "$policy"
}

# Every wait on the network has an end; what runs after the download does not need it.
# --no-remove: a package that conflicts with what is installed is refused, not swapped in.
apt() {
    DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none \
        timeout "$APT_LIMIT" apt-get -q -y --no-install-recommends --no-remove \
        -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
        -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@" </dev/null
}

refresh() { APT_LIMIT=600 apt -o APT::Update::Error-Mode=any update; }

fetch_and_install() {
    DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a </dev/null || :
    # lists of an earlier day may do; if they do not, the next command says so
    refresh || :
    # Only the download may be cut short: dpkg must not. (Not --no-download in the second line:
    # packages of a `file:` repository are never downloaded, and it would not find them.)
    APT_LIMIT=1800 apt --download-only install "$@" &&
        APT_LIMIT=0 apt install "$@"
}

complaints() { grep '^E: ' "$1" | sort -u | head -n 4 || :; }

# owner_of UNIT: the package that brings it.
owner_of() { dpkg-query -S "*/systemd/system/$1" 2>/dev/null </dev/null | sed 's/:.*//' | head -n 1; }

# depends_of PACKAGE…: the packages that these ask for themselves.
depends_of() {
    dpkg-query -W -f '${Pre-Depends}, ${Depends}\n' "$@" 2>/dev/null </dev/null |
        sed 's/[,|]/\n/g' | sed 's/^ *//; s/[ (:].*//' || :
}
