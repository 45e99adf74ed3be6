"""One trip to a node: many commands in one script, and their outputs out of one stream.

Each command runs under a time limit of its own with all its streams redirected, so that one that
cannot be killed (it waits for a dead FUSE mount) holds up neither the others nor the connection.
Outputs come after a list of their sizes in bytes: nothing that a command prints can be taken for a
part of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from secrets import token_hex
from shlex import quote

from verify.contract import Output

PARALLEL = 8
KILL_AFTER = 2
GIVE_UP_AFTER = 4
TIMED_OUT = frozenset({"-", "124", "137"})
LARGEST = 16 * 1024 * 1024
"""Bytes of one output; a command that prints more is ended by the system."""


class Garbled(Exception):  # noqa: N818 - named for what it says of an answer
    """A stream that is not what the script writes: the shell or the connection broke off."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One command of a trip, with its time limit in seconds."""

    text: str
    timeout: int


@dataclass(frozen=True, slots=True)
class Trip:
    """The script to send, and how to read what comes back."""

    asks: Sequence[Ask]
    parallel: int
    token: str

    @property
    def limit(self) -> int:
        """Seconds after which the script must have ended by itself."""
        longest = max((ask.timeout for ask in self.asks), default=0)
        return ceil(len(self.asks) / self.parallel) * (longest + GIVE_UP_AFTER + 2) + 5

    def script(self) -> bytes:
        """POSIX sh plus timeout and mktemp. It is read whole before any of it runs."""
        cases = "\n".join(
            f"{number}) limit={ask.timeout} text={quote(ask.text)} ;;"
            for number, ask in enumerate(self.asks, 1)
        )
        values = {
            "TOKEN": self.token,
            "COUNT": str(len(self.asks)),
            "PARALLEL": str(self.parallel),
            "KILL_AFTER": str(KILL_AFTER),
            "GIVE_UP_AFTER": str(GIVE_UP_AFTER),
            "BLOCKS": str(LARGEST // 512),
            "CASES": cases,
        }
        pattern = re.compile("@(" + "|".join(values) + ")@")
        return pattern.sub(lambda found: values[found[1]], SCRIPT).encode()

    def read(self, stream: bytes) -> Mapping[str, Output]:
        """The output of every command by its text. Raises `Garbled`."""
        start = stream.find(f"stook-begin {self.token}\n".encode())
        if start < 0:
            raise Garbled("no shell answered")
        rest = stream[stream.index(b"\n", start) + 1 :]
        heads, rest = _lines(rest, len(self.asks))
        sizes, rest = _lines(rest, 2 * len(self.asks))
        if self.asks:
            _, rest = _lines(rest, 1)  # their total
        outputs: dict[str, Output] = {}
        for number, ask in enumerate(self.asks, 1):
            code = _of(heads[number - 1], str(number), 0)
            out, rest = _cut(rest, _of(sizes[2 * number - 2], f"{number}.out", 1))
            err, rest = _cut(rest, _of(sizes[2 * number - 1], f"{number}.err", 1))
            ended = None if code in TIMED_OUT else int(code)
            outputs[ask.text] = Output(ended, _text(out), _text(err))
        if rest != f"stook-end {self.token}\n".encode():
            raise Garbled("the answer broke off at its end")
        return outputs


def plan(asks: Mapping[str, int], parallel: int = PARALLEL) -> Trip:
    """A trip for commands and their time limits, at most `parallel` of them at once."""
    return Trip([Ask(*item) for item in asks.items()], parallel, token_hex(8))


def _lines(rest: bytes, count: int) -> tuple[list[list[str]], bytes]:
    """The words of so many lines, and what comes after them."""
    *lines, rest = rest.split(b"\n", count)
    if len(lines) < count:
        raise Garbled("the answer broke off before its first output")
    return [line.decode("ascii", "replace").split() for line in lines], rest


def _of(words: list[str], name: str, place: int) -> str:
    """The other word of a line of two, one of which has to be `name`."""
    if len(words) != 2 or words[place] != name:
        raise Garbled(f"the answer says {' '.join(words)!r} where {name} was due")
    return words[1 - place]


def _cut(rest: bytes, size: str) -> tuple[bytes, bytes]:
    if len(rest) < int(size):
        raise Garbled("the answer broke off within an output")
    return rest[: int(size)], rest[int(size) :]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


# A pipe carries a line for every ended command, with its code, and one for every second: the loop
# sleeps on it, starts commands as others end, and gives up on those that outlive even their
# SIGKILL; what these have printed may still grow, and is left out. (A function called with
# redirections would keep the connection open: dash saves a copy of it.) The answer is put together
# by two programs for all commands, not by some for each.
SCRIPT = r"""{
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" && mkfifo events && exec 3<>events || exit 1
pick() {
case $1 in
@CASES@
esac
}
run() {
  ulimit -f @BLOCKS@
  timeout -k @KILL_AFTER@ "$limit" sh -c "$text" 3>&-
  echo "$1 $?" >&3
}
( while sleep 1; do echo tick >&3; done ) </dev/null >/dev/null 2>&1 &
ticker=$!
now=0 next=1 left=@COUNT@ running=0 alive=' '
while [ "$left" -gt 0 ]; do
  while [ "$running" -lt @PARALLEL@ ] && [ "$next" -le @COUNT@ ]; do
    pick "$next"
    ( run "$next" ) </dev/null >"$next.out" 2>"$next.err" &
    eval "code_$next=- due_$next=$((now + limit + @GIVE_UP_AFTER@))"
    alive="$alive$next "
    running=$((running + 1)) next=$((next + 1))
  done
  read -r event code <&3
  ended=' '
  if [ "$event" = tick ]; then
    now=$((now + 1))
    for job in $alive; do
      eval "due=\$due_$job"
      [ "$now" -lt "$due" ] || ended="$ended$job "
    done
  else
    case $alive in *" $event "*) eval "code_$event=\$code"; ended=" $event " ;; esac
  fi
  for job in $ended; do
    alive="${alive%% $job *} ${alive#* $job }"
    running=$((running - 1)) left=$((left - 1))
  done
done
kill "$ticker"
printf 'stook-begin %s\n' @TOKEN@
next=1 files=
while [ "$next" -le @COUNT@ ]; do
  eval "code=\$code_$next"
  [ "$code" != - ] || { rm -f "$next.out" "$next.err"; : >"$next.out" >"$next.err"; }
  echo "$next $code"
  files="$files $next.out $next.err"
  next=$((next + 1))
done
[ -z "$files" ] || { wc -c $files; cat $files; }
printf 'stook-end %s\n' @TOKEN@
exit 0
}
"""
