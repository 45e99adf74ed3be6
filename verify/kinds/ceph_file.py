"""A file that is written to a file system through one node is read through another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex

from verify import probes
from verify.contract import Command, Difference, Output
from verify.forms import Label, Word
from verify.readers import read_back


@dataclass(frozen=True, slots=True)
class Want:
    """The nodes have the keyring of client.admin; without a pool it is the file system's first."""

    filesystem: Word
    writer: Label
    reader: Label
    pool: Word | None = None


# A metadata server that has just started serves after some seconds.
PATIENCE = probes.Seconds(15)
LONGEST = 300
Seen = read_back.ReadBack


def commands(want: Want) -> Mapping[str, Command]:
    """Name and contents are new on every call, so that nothing left over can be read."""
    token = token_hex(8)
    path, limits = f"/stook-verify-{token}", (PATIENCE, LONGEST, read_back.WAITED)
    words = (want.filesystem, path, token, *limits, want.pool or "")
    nodes = {"write": want.writer, "read": want.reader, "clean": want.writer}
    return read_back.commands(
        {key: (node, probes.run("ceph_file", key, *words)) for key, node in nodes.items()}
    )


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A refusal is an answer, and so is none."""
    return read_back.read(outputs, "CephFS", "Traceback")


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What one node wrote is what the other reads."""
    return read_back.differences(seen, want.writer, want.reader)
