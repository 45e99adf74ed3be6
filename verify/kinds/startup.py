"""Nothing starts on a node by itself but what the spec and packages bring."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath
from verify.plain import ContractError, typed
from verify.probes.startup import PLACES
from verify.readers.answers import text
from verify.readers.compare import extra


@dataclass(frozen=True, slots=True)
class Want:
    """The files of the bundle, and those that the spec says are there by agreement."""

    files: tuple[AbsolutePath, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Files that no package has, packaged ones that are not as they came, and whose the rest is.

    They are units and their drop-ins, generators, scripts of init, jobs of cron and at, and the
    marks of accounts whose own units run without a login.
    """

    beyond: tuple[str, ...]
    changed: tuple[str, ...]
    packages: tuple[str, ...]


ASKED = "startup"
# Where files of a bundle are among them.
FOLDERS = tuple(f"{folder}/" for folder, _ in PLACES)


def commands(want: Want) -> Mapping[str, Command]:
    """The folders that systemd, cron and at read, and whose each of their files is."""
    typed = "units, generators, cron and at, each looked up in the packages' database"
    return {"startup": probes.ask("startup", typed=typed, timeout=30)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """systemd's own units are always there: where nothing was looked at, nothing is known."""
    printed = text(outputs["startup"], ASKED)
    try:
        data = json.loads(printed)
        looked = typed(int, data["looked"], ASKED)
        names = ("beyond", "changed", "packages")
        lists = [typed(tuple[str, ...], data[name], name) for name in names]
    except (ValueError, TypeError, KeyError, ContractError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    if looked < 1:
        raise Unreadable(f"{ASKED}: no unit at all, not even systemd's")
    return Seen(*lists)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What a package brings is that package's, and named only."""
    allowed = set(want.files)
    return (
        *extra("started", set(seen.beyond) - allowed),
        *extra("changed", set(seen.changed) - allowed),
    )
