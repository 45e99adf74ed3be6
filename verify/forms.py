"""Forms of the texts and numbers that a bundle brings, checked when it is read.

A bundle may come from anybody. What is a name there can be no option of a command and no path, an
address is one, and nothing holds a control character where a line is meant.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Annotated

_HOST = re.compile(r"[A-Za-z0-9_\[][A-Za-z0-9_.:\[\]-]{0,254}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_WORD = re.compile(r"(?!\.{1,2}$)[^\s/-][^\s/]{0,254}")
_TARGET = re.compile(r"/[!-~]{0,4095}")
UNIT = (
    r"[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\-]*(@[A-Za-z0-9:_.\\@-]+)?"
    r"\.(service|socket|timer|path|mount|automount|swap|target)"
)
"""The whole name of a unit that can run, so of no template; the grammar of the spec has it, too."""
LONGEST_UNIT = 255
_MODE = re.compile(r"[0-7]{4}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def _matches(pattern: re.Pattern[str], value: str, form: str) -> None:
    if not pattern.fullmatch(value) or not value.isprintable():
        raise ValueError(form)


def label(value: str) -> None:
    """A name of a node or a site: a single label, as in DNS."""
    _matches(_LABEL, value, "a name of lower-case letters, digits and `-`")


def word(value: str) -> None:
    """A name that a command takes as an argument: an account, a unit, a package, a volume."""
    _matches(_WORD, value, "a name without blanks and `/` that does not begin with `-`")


def unit(value: str) -> None:
    """A unit of systemd, by its whole name."""
    if len(value) > LONGEST_UNIT or not re.fullmatch(UNIT, value):
        raise ValueError("the whole name of a unit, such as `x.service`, and no template")


def host(value: str) -> None:
    """A name of DNS or an address, with a port or without."""
    _matches(_HOST, value, "a name of a host, or its address")


def path(value: str) -> None:
    """An absolute path that goes nowhere back."""
    if not value.startswith("/") or ".." in value.split("/") or not value.isprintable():
        raise ValueError("an absolute path without `..`")


def target(value: str) -> None:
    """The path of a request, as it stands in its line: it may be any odd one."""
    _matches(_TARGET, value, "a path of a request")


def address(value: str) -> None:
    """One address of IPv4 or IPv6."""
    try:
        ip_address(value)
    except ValueError:
        raise ValueError("an address") from None


def network(value: str) -> None:
    """A network, or one address."""
    try:
        ip_network(value)
    except ValueError:
        raise ValueError("an address or a network") from None


def port(value: int) -> None:
    """A port that something can listen on."""
    if not 1 <= value <= 65535:
        raise ValueError("a port from 1 to 65535")


def mode(value: str) -> None:
    """Permissions as four octal digits."""
    _matches(_MODE, value, "four octal digits")


def digest(value: str) -> None:
    """A SHA-256 in hex."""
    _matches(_DIGEST, value, "a SHA-256 in hex")


def line(value: str) -> None:
    """A text of one line."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("one line of text, without control characters")


Label = Annotated[str, label]
Word = Annotated[str, word]
Unit = Annotated[str, unit]
Host = Annotated[str, host]
AbsolutePath = Annotated[str, path]
Target = Annotated[str, target]
Address = Annotated[str, address]
Network = Annotated[str, network]
PortNumber = Annotated[int, port]
Mode = Annotated[str, mode]
Digest = Annotated[str, digest]
OneLine = Annotated[str, line]
