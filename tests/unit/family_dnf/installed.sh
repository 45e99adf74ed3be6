# shellcheck shell=sh
installed_version() { rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$1" 2>/dev/null </dev/null; }
