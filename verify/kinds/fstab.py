"""/etc/fstab has one line in effect for a mount point, and it is the planned one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import AbsolutePath, OneLine
from verify.readers.answers import file_text
from verify.readers.compare import same, sets
from verify.readers.mountinfo import unescape
from verify.readers.shell import show_file


@dataclass(frozen=True, slots=True)
class Want:
    """The six fields of fstab(5), unescaped; options compare as a set."""

    source: OneLine
    path: AbsolutePath
    fstype: str
    options: tuple[str, ...]
    dump: int = 0
    passno: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line in effect."""

    source: str
    path: str
    fstype: str
    options: tuple[str, ...]
    dump: int
    passno: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The lines in effect for the mount point; a line that mount(8) skips is not one."""

    lines: tuple[Line, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The whole table; every line shares the command."""
    return {"fstab": Command(show_file("/etc/fstab"))}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Without the file no line is in effect."""
    printed = file_text(outputs["fstab"], "/etc/fstab") or ""
    lines = (_line(line) for line in printed.splitlines())
    return Seen(tuple(line for line in lines if line and line.path == want.path))


def _line(text: str) -> Line | None:
    fields = [unescape(field) for field in text.split()]
    if len(fields) < 3 or fields[0].startswith("#"):
        return None
    fields += ["defaults", "0", "0"][len(fields) - 3 :]
    source, path, fstype, options, dump, passno = fields[:6]
    trimmed = path.rstrip("/") or "/"
    return Line(source, trimmed, fstype, tuple(options.split(",")), _number(dump), _number(passno))


def _number(field: str) -> int:
    return int(field) if field.isdigit() else -1


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Two lines for one mount point: which is used depends on who reads, so both are wrong."""
    if len(seen.lines) != 1:
        return same("lines in effect", 1, len(seen.lines))
    line = seen.lines[0]
    return (
        *same("source", want.source, line.source),
        *same("type", want.fstype, line.fstype),
        *sets("option", want.options, line.options),
        *same("dump", want.dump, line.dump),
        *same("pass", want.passno, line.passno),
    )
