"""A secret's file is there, holds something, and only those may read it who should."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_bytes, token_urlsafe
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Mode, Word
from verify.readers.answers import text
from verify.readers.compare import same

# 256 bits, and letters that no shell, URL or configuration file takes apart
TEXT_BYTES = 32
# An AES key of Ceph up to 20.2: its type, seconds and nanoseconds of its making, length and bytes
# (CryptoKey::encode).
CEPHX_TYPE, CEPHX_BYTES = 1, 16


def text_secret() -> str:
    """Any random text."""
    return token_urlsafe(TEXT_BYTES)


def cephx_key() -> str:
    """A key of Ceph, without the time at which it was made."""
    head = struct.pack("<HIIH", CEPHX_TYPE, 0, 0, CEPHX_BYTES)
    return base64.b64encode(head + token_bytes(CEPHX_BYTES)).decode()


FORMS: Mapping[str, Callable[[], str]] = {"text": text_secret, "cephx": cephx_key}


@dataclass(frozen=True, slots=True)
class Want:
    """Mode as four octal digits, owner and group by name; what is in it is nobody's business.

    `name` is what the spec calls it, `purpose` what it is for, `form` how one is made up.
    """

    name: Word
    path: AbsolutePath
    mode: Mode
    owner: Word
    group: Word
    purpose: str
    form: str = "text"


@dataclass(frozen=True, slots=True)
class Seen:
    """`type` as stat names it, "absent" when nothing is there."""

    type: str
    mode: str = ""
    owner: str = ""
    group: str = ""


def commands(want: Want) -> Mapping[str, Command]:
    """Never its contents; a link is not followed."""
    path = quote(want.path)
    return {
        "file": Command(
            f"if [ -e {path} ] || [ -L {path} ]; then stat -c '%F|%a|%U|%G' -- {path}; "
            "else echo absent; fi"
        )
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` for anything but the one line asked for."""
    line = text(outputs["file"], f"stat {want.path}").rstrip("\n")
    if line == "absent":
        return Seen("absent")
    fields = line.split("|")
    if len(fields) != 4:
        raise Unreadable(f"stat {want.path}: cannot read {line!r}")
    return Seen(fields[0], fields[1].zfill(4), fields[2], fields[3])


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """An empty file is not the secret."""
    return same("type", "regular file", seen.type) or (
        *same("mode", want.mode, seen.mode),
        *same("owner", want.owner, seen.owner),
        *same("group", want.group, seen.group),
    )
