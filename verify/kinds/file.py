"""A file is, byte for byte and bit for bit, the one in the bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Digest, Mode, Word
from verify.readers import states
from verify.readers.answers import text
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """Contents by SHA-256 (hex), mode as four octal digits, owner and group by name."""

    path: AbsolutePath
    sha256: Digest
    mode: Mode
    owner: Word
    group: Word


@dataclass(frozen=True, slots=True)
class Seen:
    """`type` as stat names it, "absent" when nothing is there; the digest of regular files only."""

    type: str
    mode: str = ""
    owner: str = ""
    group: str = ""
    sha256: str = ""


def commands(want: Want) -> Mapping[str, Command]:
    """Type, mode, owner, group and digest in one go; a link is not followed."""
    return {"file": states.file(want.path)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` for anything but the two lines asked for."""
    lines = text(outputs["file"], f"stat {want.path}").splitlines()
    if lines == ["absent"]:
        return Seen("absent")
    fields = lines[0].split("|") if lines else []
    if len(fields) != 4:
        raise Unreadable(f"stat {want.path}: cannot read {lines!r}")
    kind = "regular file" if fields[0] == "regular empty file" else fields[0]
    digest = lines[1].split(" ")[0] if len(lines) > 1 else ""
    if kind == "regular file" and not digest:
        raise Unreadable(f"sha256sum {want.path}: it printed nothing")
    return Seen(kind, fields[1].zfill(4), fields[2], fields[3], digest)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Type first: of something that is no regular file nothing else is compared."""
    return same("type", "regular file", seen.type) or (
        *same("contents (sha256)", want.sha256, seen.sha256),
        *same("mode", want.mode, seen.mode),
        *same("owner", want.owner, seen.owner),
        *same("group", want.group, seen.group),
    )
