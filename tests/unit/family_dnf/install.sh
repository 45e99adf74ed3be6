# shellcheck shell=sh
# Packages by dnf. Presets leave their daemons off, so that nothing has to be held.

MANAGER=dnf

hold_daemons() { :; }

release_daemons() { :; }

refresh() { timeout 600 dnf -y makecache </dev/null; }

fetch_and_install() {
    timeout 1800 dnf -y --setopt=install_weak_deps=False --downloadonly install "$@" </dev/null &&
        dnf -y --setopt=install_weak_deps=False install "$@" </dev/null
}

complaints() { grep '^Error: ' "$1" | sort -u | head -n 4 || :; }

owner_of() { rpm -q --qf '%{NAME}\n' -f "/usr/lib/systemd/system/$1" 2>/dev/null </dev/null | head -n 1; }

depends_of() { rpm -q --requires "$@" 2>/dev/null </dev/null | sed 's/ .*//' || :; }
