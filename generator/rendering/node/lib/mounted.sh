# shellcheck shell=sh
# From the kernel's table: looking at a dead network mount itself can hang.

is_mounted() {
    P=$1 awk 'BEGIN { p = ENVIRON["P"]; gsub(/ /, "\\040", p) } $5 == p { found = 1 } END { exit !found }' \
        "$R/proc/self/mountinfo"
}
