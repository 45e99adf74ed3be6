"""sudo gives a user exactly what the spec says, and its files are valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import OneLine, Word
from verify.readers.answers import first_line, text
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """Rules as `sudo -l` prints them, such as `(ALL : ALL) NOPASSWD: ALL`."""

    user: Word
    rules: tuple[OneLine, ...]


HEADER = "may run the following commands on"
NONE = "is not allowed to run sudo on"


@dataclass(frozen=True, slots=True)
class Seen:
    """The rules in effect for the user, and what visudo says of the files."""

    rules: tuple[str, ...]
    files: str


def commands(want: Want) -> Mapping[str, Command]:
    """sudo itself is asked for the user, and visudo for all files."""
    return {
        "rules": Command(f"sudo -n -l -U {quote(want.user)}"),
        "files": Command("visudo -c"),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """sudo says in words that a user may run nothing, with exit code 0 or 1 by its version."""
    command = f"sudo -l -U {want.user}"
    text(outputs["files"], "visudo -c", codes=(0, 1))
    files = "valid" if outputs["files"].code == 0 else first_line(outputs["files"])
    printed = text(outputs["rules"], command, codes=(0, 1))
    if NONE in printed + outputs["rules"].err or "unknown user" in outputs["rules"].err:
        return Seen((), files)
    if outputs["rules"].code != 0 or HEADER not in printed:
        raise Unreadable(f"{command}: {first_line(outputs['rules'])}")
    lines = printed.split(HEADER, 1)[1].splitlines()[1:]
    return Seen(tuple(" ".join(line.split()) for line in lines if line.strip()), files)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A rule beyond the spec is a right that nobody granted."""
    return sets("rule", want.rules, seen.rules) + same("files", "valid", seen.files)
