"""A person's account is there with the planned groups and ssh keys, and no other key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Word
from verify.readers.answers import ABSENT, text
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """Keys as whole authorized_keys lines; the password must be locked.

    `files` are those that hold the keys, in the account's home where they are not absolute.
    """

    name: Word
    groups: tuple[Word, ...]
    shell: str
    keys: tuple[str, ...]
    files: tuple[str, ...] = (".ssh/authorized_keys", ".ssh/authorized_keys2")


LOCKED = ("L", "LK")


@dataclass(frozen=True, slots=True)
class Seen:
    """The account as the name service and passwd(1) have it.

    `groups` leaves out the primary one. `keys` are those of all the files;
    `loose` are the files or directories that somebody else may write.
    """

    exists: bool
    shell: str = ""
    groups: tuple[str, ...] = ()
    password: str = ""
    keys: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


def commands(want: Want) -> Mapping[str, Command]:
    """Who may write to a folder may put another file there."""
    name = quote(want.name)
    home = f'h=$(getent passwd {name} | cut -d: -f6); [ -n "$h" ] || exit {ABSENT}'
    files = " ".join(map(_placed, want.files))
    folders = " ".join(dict.fromkeys(_placed(str(PurePosixPath(f).parent)) for f in want.files))
    return {
        "entry": Command(f"getent passwd {name}"),
        "groups": Command(f"id -gn {name} && id -Gn {name}"),
        "password": Command(f"passwd -S {name}"),
        "keys": Command(f'{home}; for f in {files}; do [ ! -e "$f" ] || cat -- "$f" || exit; done'),
        "modes": Command(
            f'{home}; for f in "$h" {folders} {files}; do '
            '[ ! -e "$f" ] || stat -c \'%U %A %n\' -- "$f" || exit; done'
        ),
    }


def _placed(file: str) -> str:
    """A file as the shell is told of it, whose `$h` is the home."""
    return quote(file) if file.startswith("/") else f'"$h"/{quote(file)}'


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A name that the name service does not have is an answer; all else has to be readable."""
    entry = text(outputs["entry"], f"getent passwd {want.name}", codes=(0, 2))
    if outputs["entry"].code == 2:
        return Seen(exists=False)
    fields = entry.strip().split(":")
    groups = text(outputs["groups"], f"id {want.name}").splitlines()
    status = text(outputs["password"], f"passwd -S {want.name}").split()
    if len(fields) != 7 or len(groups) != 2 or len(status) < 2:
        raise Unreadable(f"user {want.name}: cannot read {entry!r}")
    keys = [line.strip() for line in text(outputs["keys"], "authorized_keys").splitlines()]
    modes = text(outputs["modes"], "modes of its files").splitlines()
    return Seen(
        True,
        fields[6],
        tuple(group for group in groups[1].split() if group != groups[0].strip()),
        status[1],
        tuple(key for key in keys if key and not key.startswith("#")),
        tuple(line for line in modes if _loose(want.name, line)),
    )


def _loose(name: str, line: str) -> bool:
    """Whether sshd's StrictModes would refuse a file: another's, or writable by others."""
    owner, mode = [*line.split(" "), ""][:2]
    if len(mode) < 10:
        raise Unreadable(f"modes of its files: cannot read {line!r}")
    return owner not in (name, "root") or "w" in (mode[5], mode[8])


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """An extra key lets somebody in whom the spec does not know."""
    if not seen.exists:
        return same("account", want.name, "absent")
    locked = "locked" if seen.password in LOCKED else f"usable ({seen.password})"
    return (
        *same("shell", want.shell, seen.shell),
        *sets("group", set(want.groups) - {want.name}, seen.groups),
        *same("password", "locked", locked),
        *sets("ssh key", map(str.strip, want.keys), seen.keys),
        *sets("writable by others", (), seen.loose),
    )
