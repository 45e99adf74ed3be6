"""Something that is written through one node and read through another, in three steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import first_line, text

STEPS = {"write": 1, "read": 2, "clean": 3}
# 124 would be the end of our own time limit, not of the one within.
WAITED = 75
WAITS = "waits"
LIMIT = 30


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What was written and read, `waits` where no answer came, `error: ...` for a refusal."""

    token: str
    written: str
    read: str


def commands(asked: Mapping[str, tuple[str, str]]) -> Mapping[str, Command]:
    """A command for each step, of a node and shell words; a `timeout` in them is an answer."""
    timed_out = f"code=$?; [ $code -lt 124 ] || exit {WAITED}; exit $code"
    return {
        key: Command(f"{{ {words}; }} || {{ {timed_out}; }}", f"node:{node}", LIMIT, STEPS[key])
        for key, (node, words) in asked.items()
    }


def read(outputs: Mapping[str, Output], what: str, unasked: str, serves: bool = True) -> ReadBack:
    """The answers of `what`. Raises `Unreadable` where nobody could ask, or something was left.

    `unasked` on standard error says that the question was never put.
    """
    written, back = (_answer(outputs[key], f"{what} {key}", unasked) for key in ("write", "read"))
    if serves and _succeeded(written):
        text(outputs["clean"], f"{what} clean")
    return ReadBack(written if _succeeded(written) else "", written, back)


def _answer(output: Output, asked: str, unasked: str) -> str:
    if output.code == WAITED:
        return WAITS
    printed = text(output, asked, codes=(0, 1)).strip()
    if output.code == 1 and unasked in output.err:
        raise Unreadable(f"{asked}: {first_line(output)}")
    if output.code == 0 and not printed:
        raise Unreadable(f"{asked}: it printed nothing")
    return printed if output.code == 0 else f"error: {first_line(output)}"


def _succeeded(words: str) -> bool:
    return words != WAITS and not words.startswith("error: ")


def differences(seen: ReadBack, writer: str, reader: str) -> tuple[Difference, ...]:
    """Where nothing could be written there is nothing to read."""
    if not _succeeded(seen.written):
        return (Difference(f"write on {writer}", "done", seen.written),)
    if seen.read != seen.token:
        return (Difference(f"read on {reader}", seen.token, seen.read),)
    return ()
