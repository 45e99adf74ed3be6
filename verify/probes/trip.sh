#!/bin/sh
# Many commands in one script. What comes before has set token, count, parallel, kill_after,
# give_up_after, blocks, path, times, patience, programs and runner, and `pick NUMBER` sets limit and text to
# those of a command, and forks to whether python3 runs it: one that has many programs to run (see
# runner.py). Where it ends before them, it is their text that is run.
#
# A pipe carries a line for every ended command, with its code, and one for every second: the loop
# sleeps on it, starts commands as others end, and gives up on those that outlive even their
# SIGKILL; what these have printed may still grow, and is left out. (A function called with
# redirections would keep the connection open: dash saves a copy of it.) The answer is put together
# by two programs for all commands, not by some for each.

: "${token:?}" "${count:?}" "${parallel:?}" "${kill_after:?}" "${give_up_after:?}" "${blocks:?}" "${times:?}"
: "${patience:?}" "${programs?}" "${runner?}"

export LC_ALL=C STOOK_TIMES="$times" PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
if [ -n "${path?}" ]; then
  # a program of somebody's own must not answer in the place of the system's
  PATH=$path
  unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT PYTHONPATH PYTHONHOME
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" && mkfifo events && exec 3<>events || exit 1
limit=0 text='' forks='' due=0
run() {
  ulimit -f "$blocks"
  timeout -k "$kill_after" "$limit" sh -c "$text" 3>&-
  echo "$1 $?" >&3
}
begin() {
  ( run "$1" ) </dev/null >"$1.out" 2>"$1.err" 4>&- &
}
if [ -n "$programs" ]; then
  printf '%s' "$programs" >programs
  mkfifo starts && exec 4<>starts || exit 1
  (
    timeout -k "$kill_after" "$patience" python3 -c "$runner" programs "$kill_after" "$((blocks * 512))" 3>&-
    echo "ended $?" >&3
  ) <starts >/dev/null 2>python3.err 4>&- &
fi
( while sleep 1; do echo tick >&3; done ) </dev/null >/dev/null 2>&1 4>&- &
ticker=$!
now=0 next=1 left=$count running=0 alive=' ' forked=' '
while [ "$left" -gt 0 ]; do
  while [ "$running" -lt "$parallel" ] && [ "$next" -le "$count" ]; do
    pick "$next"
    if [ -n "$forks" ] && [ -n "$programs" ]; then
      : >"$next.out"
      : >"$next.err"
      forked="$forked$next "
      echo "$next" >&4
    else
      begin "$next"
    fi
    eval "code_$next=- due_$next=$((now + limit + give_up_after))"
    alive="$alive$next "
    running=$((running + 1)) next=$((next + 1))
  done
  read -r event code <&3
  ended=' '
  if [ "$event" = ended ]; then
    programs=''
    for job in $forked; do
      case $alive in *" $job "*) pick "$job"; begin "$job" ;; esac
    done
  elif [ "$event" = tick ]; then
    # a machine that boots clears its /tmp: what is asked meanwhile would leave no answer
    [ -e events ] || { kill "$ticker"; exit 1; }
    now=$((now + 1))
    for job in $alive; do
      eval "due=\$due_$job"
      [ "$now" -lt "$due" ] || ended="$ended$job "
    done
  else
    case $alive in *" $event "*) eval "code_$event=\$code"; ended=" $event " ;; esac
  fi
  for job in $ended; do
    alive="${alive%% "$job" *} ${alive#* "$job" }"
    running=$((running - 1)) left=$((left - 1))
  done
done
kill "$ticker"
printf 'stook-begin %s\n' "$token"
next=1 files=
while [ "$next" -le "$count" ]; do
  eval "code=\$code_$next"
  [ "$code" != - ] || { rm -f "$next.out" "$next.err"; : >"$next.out"; : >"$next.err"; }
  echo "$next $code"
  files="$files $next.out $next.err"
  next=$((next + 1))
done
# shellcheck disable=SC2086 # so many names, each of a number
[ -z "$files" ] || { wc -c $files; cat $files; }
printf 'stook-end %s\n' "$token"
exit 0
