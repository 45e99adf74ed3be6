"""One trip to a node: many commands in one script, and their outputs out of one stream.

Each command runs under a time limit of its own with all its streams redirected, so that one that
cannot be killed (it waits for a dead FUSE mount) holds up neither the others nor the connection.
Outputs come after a list of their sizes in bytes: nothing that a command prints can be taken for a
part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from secrets import token_hex
from shlex import quote
from sys import getsizeof
from typing import Self

from verify import probes
from verify.contract import Output, Program

PARALLEL = 8
KILL_AFTER = 2
GIVE_UP_AFTER = 4
LONGEST = 300
LONGEST_LINE = 200
NO_PYTHON = "cat python3.err >&2; exit 127"
TIMED_OUT = frozenset({"-", "124", "137"})
SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"
LARGEST = 4 * 1024 * 1024
"""Bytes of one output; a command that prints more is ended by the system.

A hundred thousand banned addresses in nft's JSON take 2 MB, ten thousand placement groups in Ceph's
2.5 MB; and what a parser makes of JSON is up to thirty times as large as its text.
"""
HELD = 4 * LARGEST
"""Bytes of memory for all outputs of a trip; what is more is cut."""


class Garbled(Exception):  # noqa: N818 - named for what it says of an answer
    """A stream that is not what the script writes: the shell or the connection broke off."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One command of a trip, its time limit in seconds, and what python3 runs in its place."""

    text: str
    timeout: int
    program: Program | None = None


@dataclass(frozen=True, slots=True)
class Trip:
    """The script to send, and how to read what comes back.

    `system` is whether its programs are the system's own, and none that lie in /usr/local or where
    the account has some: so on nodes, which are held to something. `times` is by how much limits
    are stretched: what waits within a command does so as many times longer.
    """

    asks: Sequence[Ask]
    parallel: int
    token: str
    system: bool = False
    times: int = 1

    @classmethod
    def of(
        cls,
        asks: Iterable[Ask],
        parallel: int = PARALLEL,
        *,
        system: bool = False,
        times: int = 1,
    ) -> Self:
        """A trip for some commands, at most `parallel` of them at once."""
        return cls(tuple(asks), parallel, token_hex(8), system, times)

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
            "blocks": LARGEST // 512 + 1,
            "path": quote(SYSTEM if self.system else ""),
            "times": self.times,
            "patience": self.limit,
            "programs": quote(self._programs()),
            "runner": quote(probes.source("runner")),
        }
        cases = (
            f"{number}) limit={ask.timeout} forks={'yes' if ask.program else ''} "
            f"text={quote(_text_of(ask))} ;;"
            for number, ask in enumerate(self.asks, 1)
        )
        before = (*(f"{name}={value}" for name, value in values.items()), "pick() {", "case $1 in")
        lines = ("{", *before, *cases, "esac", "}", probes.source("trip.sh") + "}", "")
        return "\n".join(lines).encode()

    def _programs(self) -> str:
        """The sources of all programs, and by number which is run with what; "" without any."""
        jobs = {
            number: (ask.program.name, ask.program.words, ask.timeout)
            for number, ask in enumerate(self.asks, 1)
            if ask.program
        }
        sources = {name: probes.source(name) for name, _, _ in jobs.values()}
        return json.dumps([sources, jobs]) if jobs else ""

    def read(self, stream: bytes) -> Mapping[str, Output]:
        """The output of every command by its text. Raises `Garbled`."""
        begin = f"stook-begin {self.token}\n".encode()
        start = stream.find(begin)
        if start < 0:
            raise Garbled("no shell answered")
        heads, place = _lines(stream, start + len(begin), len(self.asks))
        sizes, place = _lines(stream, place, 2 * len(self.asks))
        if self.asks:
            _, place = _lines(stream, place, 1)  # their total
        outputs: dict[str, Output] = {}
        held = 0
        for number, ask in enumerate(self.asks, 1):
            code = _of(heads[number - 1], str(number), 0)
            out = _number(_of(sizes[2 * number - 2], f"{number}.out", 1))
            err = _number(_of(sizes[2 * number - 1], f"{number}.err", 1))
            output = _output(stream, place, code, out, err)
            size = getsizeof(output.out) + getsizeof(output.err)
            fits = held + size <= HELD
            held += size if fits else 0
            outputs[ask.text] = output if fits else Output(None, "", cut=True)
            place += out + err
        if stream[place:] != f"stook-end {self.token}\n".encode():
            raise Garbled("the answer broke off at its end")
        return outputs


def _text_of(ask: Ask) -> str:
    """Where it is a program's alone, that it could not be run: its source is there already."""
    whole = ask.program and ask.text.endswith(probes.text(ask.program))
    return NO_PYTHON if whole else ask.text


def _lines(stream: bytes, place: int, count: int) -> tuple[list[list[str]], int]:
    """The words of so many lines from a place on, and where the next one begins."""
    lines: list[list[str]] = []
    for _ in range(count):
        end = stream.find(b"\n", place, place + LONGEST_LINE)
        if end < 0:
            raise Garbled("the answer broke off before its first output")
        lines.append(stream[place:end].decode("ascii", "replace").split())
        place = end + 1
    return lines, place


def _of(words: list[str], name: str, place: int) -> str:
    """The other word of a line of two, one of which has to be `name`."""
    if len(words) != 2 or words[place] != name:
        raise Garbled(f"the answer says {' '.join(words)!r} where {name} was due")
    return words[1 - place]


def _number(word: str) -> int:
    if not word.isascii() or not word.isdigit():
        raise Garbled(f"the answer says {word!r} where a number was due")
    return int(word)


def _output(stream: bytes, place: int, code: str, out: int, err: int) -> Output:
    if len(stream) < place + out + err:
        raise Garbled("the answer broke off within an output")
    if max(out, err) > LARGEST:
        return Output(None, "", cut=True)
    end = place + out
    ended = None if code in TIMED_OUT else _number(code)
    return Output(ended, _text(stream[place:end]), _text(stream[end : end + err]))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
