"""An object that is written through one node is read through another, or waits as predicted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from shlex import quote

from verify import probes
from verify.contract import Command, Difference, Output
from verify.forms import Label, Word
from verify.readers import read_back


@dataclass(frozen=True, slots=True)
class Want:
    """`serves` is whether the pool answers; the nodes have the keyring of client.admin.

    Where it does not, that is so of objects in a placement group with less than `min_size` copies.
    """

    pool: Word
    serves: bool
    writer: Label
    reader: Label
    min_size: int = 1


# An object of a pool that serves is there within a second; one that waits costs this three times.
PATIENCE = probes.Seconds(6)
Seen = read_back.ReadBack


def commands(want: Want) -> Mapping[str, Command]:
    """Name and contents are new on every call, so that nothing left over can be read."""
    token = token_hex(8)
    pool, name = quote(want.pool), f"stook-verify-{token}"
    find = f"name={name}; "
    if not want.serves:
        look = probes.run("ceph_object_name.sh", want.pool, name, want.min_size)
        find = f"name=$({look}) || exit 3\n"
    rados = f"timeout -k 2 {PATIENCE.shell} rados -p {pool}"
    steps = {
        "write": (want.writer, f"echo {token} | {rados} put $name - && echo {token}"),
        "read": (want.reader, f"{rados} get $name -"),
        "clean": (want.writer, f"{rados} rm $name"),
    }
    return read_back.commands({key: (node, find + words) for key, (node, words) in steps.items()})


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Waiting is an answer, and so is a refusal; rados without a key has asked nobody."""
    return read_back.read(outputs, "rados", "keyring", want.serves)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Where it should wait and does not, the prediction is wrong, and the plan with it."""
    if want.serves:
        return read_back.differences(seen, want.writer, want.reader)
    answers = {"write": seen.written, "read": seen.read}
    return tuple(
        Difference(key, read_back.WAITS, observed)
        for key, observed in answers.items()
        if observed != read_back.WAITS
    )
