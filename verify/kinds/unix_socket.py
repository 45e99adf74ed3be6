"""A daemon listens on a socket in the file system, and only those may open it who should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Mode, Word
from verify.readers.answers import text
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """Mode as four octal digits, owner and group by name, and the process as `ss` names it."""

    path: AbsolutePath
    mode: Mode
    owner: Word
    group: Word
    process: Word


@dataclass(frozen=True, slots=True)
class Seen:
    """`type` as stat names it, "absent" when nothing is there; the processes that listen."""

    type: str
    mode: str = ""
    owner: str = ""
    group: str = ""
    processes: tuple[str, ...] = ()


def commands(want: Want) -> Mapping[str, Command]:
    """The file itself, and the kernel's table: a file stays when its daemon ends."""
    path = quote(want.path)
    return {
        "file": Command(
            f"if [ -e {path} ] || [ -L {path} ]; then stat -c '%F|%a|%U|%G' -- {path}; "
            "else echo absent; fi"
        ),
        "listening": Command(f"ss -Hxlnp src {path}"),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` for anything but one line of stat, and lines of ss."""
    line = text(outputs["file"], f"stat {want.path}").rstrip("\n")
    listening = text(outputs["listening"], f"ss src {want.path}")
    if line == "absent":
        return Seen("absent")
    fields = line.split("|")
    if len(fields) != 4:
        raise Unreadable(f"stat {want.path}: cannot read {line!r}")
    names = {name for row in listening.splitlines() for name in _processes(row)}
    return Seen(fields[0], fields[1].zfill(4), fields[2], fields[3], tuple(sorted(names)))


def _processes(row: str) -> list[str]:
    """The names in `users:(("php-fpm8.2",pid=1,fd=9),("php-fpm8.2",pid=2,fd=9))`."""
    users = row.partition("users:")[2]
    return users.split('"')[1::2]


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Whoever may open it may ask the daemon for anything."""
    return same("type", "socket", seen.type) or (
        *same("mode", want.mode, seen.mode),
        *same("owner", want.owner, seen.owner),
        *same("group", want.group, seen.group),
        *same("who listens", want.process, ", ".join(seen.processes) or "nobody"),
    )
