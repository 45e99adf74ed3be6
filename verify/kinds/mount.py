"""A file system is mounted where it should be, and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output
from verify.forms import AbsolutePath
from verify.readers import mountinfo
from verify.readers.answers import first_line, text
from verify.readers.compare import missing, same
from verify.readers.mountinfo import Mount
from verify.readers.shell import MOUNT_TABLE


@dataclass(frozen=True, slots=True)
class Want:
    """Source as in the mount table, or `uuid` for a disk; options that must be in effect.

    The device must not be that of the root file system, and a stat under a time limit must answer.
    """

    path: AbsolutePath
    fstype: str
    source: str = ""
    uuid: str = ""
    options: tuple[str, ...] = ()


PATIENCE = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What is mounted uppermost at the path, the root file system, and whether a stat answered."""

    mount: Mount | None
    root: Mount | None
    answer: str
    uuid: str


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel's table, a stat that has to answer, and the UUID that the device itself bears."""
    path = quote(want.path)
    questions = {
        "table": Command(MOUNT_TABLE),
        "stat": Command(f"stat -c %i -- {path}", timeout=PATIENCE),
    }
    if want.uuid:
        device = f"$(findmnt -n -o SOURCE -M {path} | tail -n 1)"
        find = f'd="{device}"; [ -n "$d" ] || exit 0; blkid -p -s UUID -o value -- "$d"'
        questions["uuid"] = Command(find)
    return questions


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A stat that hangs or errs is an answer about the mount, not a missing one."""
    mounts = mountinfo.read(outputs["table"])
    mounted = mountinfo.at(mounts, want.path)
    uuid = text(outputs["uuid"], "blkid").strip() if want.uuid and mounted else ""
    return Seen(mounted, mountinfo.at(mounts, "/"), _answer(outputs["stat"]), uuid)


def _answer(output: Output) -> str:
    if output.code is None:
        return f"nothing within {PATIENCE} s"
    text(output, "stat", codes=(0, 1))
    return "answers" if output.code == 0 else first_line(output)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Whether anything is mounted comes first."""
    mounted = seen.mount
    if mounted is None:
        return (Difference("mounted", want.path, "nothing is mounted there"),)
    shared = seen.root is not None and seen.root.device == mounted.device
    return (
        *same("type", want.fstype, mounted.fstype),
        *(same("source", want.source, mounted.source) if want.source else ()),
        *(same("uuid", want.uuid, seen.uuid) if want.uuid else ()),
        *missing("option", set(want.options) - set(mounted.options)),
        *same("device", "one of its own", "that of /" if shared else "one of its own"),
        *same("stat", "answers", seen.answer),
    )
