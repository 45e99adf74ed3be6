"""No disk or network file system is mounted but those that the spec names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.kinds import Environment
from verify.readers import mountinfo
from verify.readers.compare import extra
from verify.readers.shell import MOUNT_TABLE


@dataclass(frozen=True, slots=True)
class Want:
    """The mount points that may be there; pseudo file systems do not count."""

    allowed: tuple[str, ...]


SYSTEM = frozenset({"/", "/boot", "/boot/efi", "/boot/firmware"})
"""Where an operating system mounts its own disk, whatever the spec says."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Every mount that a disk or the network is behind, as `path` to `type of source`."""

    mounts: dict[str, str]


def adapted(want: Want, environment: Environment) -> Want:
    """What an engine mounts into its containers may be there."""
    return Want((*want.allowed, *environment.mounts))


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel's table."""
    return {"table": Command(MOUNT_TABLE)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Leaves out what the kernel alone is behind (proc, tmpfs, cgroup, autofs, …)."""
    mounts = [m for m in mountinfo.read(outputs["table"]) if m.holds_data]
    return Seen({m.path: f"{m.fstype} of {m.source}" for m in mounts})


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Whether a wanted mount is there is another kind's question."""
    unexpected = set(seen.mounts) - set(want.allowed) - SYSTEM
    return extra("mounted", (f"{path} ({seen.mounts[path]})" for path in unexpected))
