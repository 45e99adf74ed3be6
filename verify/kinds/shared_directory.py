"""A file written on each node is read on every other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Label
from verify.readers.answers import first_line, text


@dataclass(frozen=True, slots=True)
class Want:
    """A directory on a shared mount, and the nodes that mount it."""

    path: AbsolutePath
    nodes: tuple[Label, ...]


WRITE, READ, CLEAN = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Seen:
    """What each node wrote ("" when it could not), and what every other read of it."""

    written: dict[str, str]
    read: dict[str, dict[str, str]]


def commands(want: Want) -> Mapping[str, Command]:
    """Each node writes a file of its own, each other reads it, each removes its own.

    The name and the contents are new on every call, so nothing left over can be read.
    """
    token = token_hex(8)
    asked: dict[str, Command] = {}
    for node in want.nodes:
        own = quote(f"{want.path.rstrip('/')}/.stook-verify-{token}-{node}")
        write = f"umask 077; echo {token}-{quote(node)} >{own} && cat -- {own}"
        asked[f"write {node}"] = Command(write, f"node:{node}", 20, WRITE)
        asked[f"clean {node}"] = Command(f"rm -f -- {own}", f"node:{node}", 20, CLEAN)
        for other in want.nodes:
            if other != node:
                key = f"read {node} on {other}"
                asked[key] = Command(f"cat -- {own}", f"node:{other}", 20, READ)
    return asked


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Not being able to write or to read is an answer; a missing command or a hang is none."""
    written = {node: _answer(outputs[f"write {node}"], f"write on {node}") for node in want.nodes}
    read = {
        node: {
            other: _answer(outputs[f"read {node} on {other}"], f"read on {other}")
            for other in want.nodes
            if other != node
        }
        for node in want.nodes
    }
    return Seen(written, read)


def _answer(output: Output, asked: str) -> str:
    printed = text(output, asked, codes=(0, 1, 2)).strip()
    if output.code == 0 and not printed:
        raise Unreadable(f"{asked}: it printed nothing")
    return printed if output.code == 0 else f"error: {first_line(output)}"


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Where a node could not write, reading what it wrote is not asked for."""
    failed = {node for node, words in seen.written.items() if words.startswith("error: ")}
    return (
        *(Difference(f"write on {n}", "done", seen.written[n]) for n in sorted(failed)),
        *(
            Difference(f"file of {node} read on {other}", seen.written[node], contents)
            for node, readers in seen.read.items()
            for other, contents in readers.items()
            if node not in failed and contents != seen.written[node]
        ),
    )
