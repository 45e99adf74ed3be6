"""One trip to a node: many commands in one script, and their outputs out of one stream.

Each command runs under a time limit of its own with all its streams redirected, so that one that
cannot be killed (it waits for a dead FUSE mount) holds up neither the others nor the connection.
Outputs come after a list of their sizes in bytes: nothing that a command prints can be taken for a
part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from secrets import token_hex
from shlex import quote
from typing import Self

from verify import probes
from verify.contract import Output

PARALLEL = 8
KILL_AFTER = 2
GIVE_UP_AFTER = 4
LONGEST = 300
TIMED_OUT = frozenset({"-", "124", "137"})
SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"
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
    """The script to send, and how to read what comes back.

    `system` is whether its programs are the system's own, and none that lie in /usr/local or where
    the account has some: so on nodes, which are held to something.
    """

    asks: Sequence[Ask]
    parallel: int
    token: str
    system: bool = False

    @classmethod
    def of(cls, asks: Mapping[str, int], parallel: int = PARALLEL, *, system: bool = False) -> Self:
        """A trip for commands and their time limits, at most `parallel` of them at once."""
        return cls([Ask(*item) for item in asks.items()], parallel, token_hex(8), system)

    @property
    def limit(self) -> int:
        """Seconds after which the script must have ended by itself, or is given up.

        At most those of all commands one after the other on so many lanes (Graham's bound), and
        never more than five minutes: a node may take as long as it likes.
        """
        limits = [ask.timeout + GIVE_UP_AFTER + 2 for ask in self.asks]
        longest = max(limits, default=0)
        return max(longest, min(LONGEST, ceil(sum(limits) / self.parallel) + longest)) + 5

    def script(self) -> bytes:
        """POSIX sh plus timeout and mktemp. It is read whole before any of it runs."""
        values = {
            "token": self.token,
            "count": len(self.asks),
            "parallel": self.parallel,
            "kill_after": KILL_AFTER,
            "give_up_after": GIVE_UP_AFTER,
            "blocks": LARGEST // 512,
            "path": quote(SYSTEM if self.system else ""),
        }
        cases = (
            f"{number}) limit={ask.timeout} text={quote(ask.text)} ;;"
            for number, ask in enumerate(self.asks, 1)
        )
        before = (*(f"{name}={value}" for name, value in values.items()), "pick() {", "case $1 in")
        lines = ("{", *before, *cases, "esac", "}", probes.source("trip.sh") + "}", "")
        return "\n".join(lines).encode()

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
