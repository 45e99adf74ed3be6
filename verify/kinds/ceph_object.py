"""An object that is written through one node is read through another, or waits as predicted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import said, text


@dataclass(frozen=True, slots=True)
class Want:
    """`serves` is whether the pool answers; the nodes have the keyring of client.admin.

    Where it does not, that is so of objects in a placement group with less than `min_size` copies.
    """

    pool: str
    serves: bool
    writer: str
    reader: str
    min_size: int = 1


WRITE, READ, CLEAN = 1, 2, 3
# An object of a pool that serves is there within a second; one that waits costs this three times.
PATIENCE = 6
# 124 would be the end of our own time limit, not of this one.
WAITED = 75
WAITS = "waits"
LIMIT = 30
# The first name whose placement group has too few copies; the same wherever it is looked for.
_FIND = r"""for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
name={1}-$n
place=$(ceph --connect-timeout 5 osd map {0} $name)
acting=$(echo "$place" | sed -n 's/.*acting (\[\([0-9,]*\)\].*/\1/p' | tr , '\n' | grep -c .)
[ "$acting" -ge {2} ] || break
done
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was written and read, `waits` where no answer came, `error: ...` for a refusal."""

    token: str
    written: str
    read: str


def commands(want: Want) -> Mapping[str, Command]:
    """Name and contents are new on every call, so that nothing left over can be read."""
    token = token_hex(8)
    pool, name = quote(want.pool), f"stook-verify-{token}"
    find = f"name={name}; " if want.serves else _FIND.format(pool, name, want.min_size)
    rados = f"timeout -k 2 {PATIENCE} rados -p {pool}"
    asked = {
        "write": (f"echo {token} | {rados} put $name - && echo {token}", want.writer, WRITE),
        "read": (f"{rados} get $name -", want.reader, READ),
        "clean": (f"{rados} rm $name", want.writer, CLEAN),
    }
    late = f"code=$?; [ $code -lt 124 ] || exit {WAITED}; exit $code"
    return {
        key: Command(f"{find}{{ {words}; }} || {{ {late}; }}", f"node:{node}", LIMIT, step)
        for key, (words, node, step) in asked.items()
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Waiting is an answer, and so is a refusal; rados without a key has asked nobody."""
    written, read = (_said(outputs[key], key) for key in ("write", "read"))
    token = written if _fine(written) else ""
    if want.serves and _fine(written):
        text(outputs["clean"], "rados rm")
    return Seen(token, written, read)


def _said(output: Output, asked: str) -> str:
    if output.code == WAITED:
        return WAITS
    printed = text(output, f"rados {asked}", codes=(0, 1)).strip()
    if output.code == 1 and "keyring" in output.err:
        raise Unreadable(f"rados {asked}: {said(output)}")
    if output.code == 0 and not printed:
        raise Unreadable(f"rados {asked}: it printed nothing")
    return printed if output.code == 0 else f"error: {said(output)}"


def _fine(words: str) -> bool:
    return words != WAITS and not words.startswith("error: ")


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Where it should wait and does not, the prediction is wrong, and the plan with it."""
    if not want.serves:
        asked = {"write": seen.written, "read": seen.read}
        return tuple(
            Difference(key, WAITS, found) for key, found in asked.items() if found != WAITS
        )
    if not _fine(seen.written):
        return (Difference(f"write on {want.writer}", "done", seen.written),)
    if seen.read != seen.token:
        return (Difference(f"read on {want.reader}", seen.token, seen.read),)
    return ()
