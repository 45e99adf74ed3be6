"""fail2ban has the jails of the spec, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import fail2ban
from verify.readers.compare import sets


@dataclass(frozen=True, slots=True)
class Want:
    """The names of all jails."""

    names: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The jails that run."""

    names: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The server's own list."""
    return {"status": Command(fail2ban.STATUS)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` when the server does not answer."""
    return Seen(fail2ban.jails(outputs["status"]))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A jail that is missing protects nothing, and one beyond bans by rules that nobody wrote."""
    return sets("jail", want.names, seen.names)
