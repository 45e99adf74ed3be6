#!/bin/bash
# Try to reach a TCP port, for where there is no python3: ADDRESS PORT WAIT.
exec 2>&1
# shellcheck disable=SC2016 # the inner shell is to expand them
timeout "$3" bash -c 'exec 3<>"/dev/tcp/$1/$2"' probe "$1" "$2" && { echo OK; exit; }
[ $? = 124 ] && echo ETIMEDOUT
exit 0
