# shellcheck shell=sh
# How what makes a daemon ready ends: 0 it is there, 1 something is still awaited and systemd tries
# again, 3 a person is needed.

say() { printf '%s\n' "$*"; }

wait_for() {
    printf 'waiting: %s\n' "$*" >&2
    exit 1
}

stop() {
    printf 'STOPPED, nothing was changed: %s\n' "$*" >&2
    exit 3
}
