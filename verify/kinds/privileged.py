"""Nothing makes root of a local user but what the platform and the spec bring."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, OneLine
from verify.plain import ContractError, typed
from verify.readers.answers import text
from verify.readers.compare import extra


@dataclass(frozen=True, slots=True)
class Want:
    """The platform's own programs as `PATH GIVES`, and the files that are there by agreement.

    What one gives is its mode and whose it is, `4755 root:root`, or `capabilities` in hexadecimal,
    as /proc/PID/status has them.
    """

    programs: tuple[OneLine, ...]
    files: tuple[AbsolutePath, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """All that anybody but root can reach, and what of it is as a package has brought it.

    `grants` are files of polkit that no package has brought so, `doas` are doas's own; `searched`
    are the mount points of the file systems that were looked through.
    """

    programs: tuple[tuple[str, str], ...]
    whole: tuple[str, ...]
    grants: tuple[str, ...]
    doas: tuple[str, ...]
    searched: tuple[str, ...]


ASKED = "privileged files"


def commands(want: Want) -> Mapping[str, Command]:
    """A search of each local file system on which such files count; one that is cut is unknown."""
    typed = "find / -xdev -type f -perm /6000; getcap -r /; polkit's rules, doas.conf"
    return {"files": probes.ask("privileged", typed=typed, timeout=90)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Where the root file system was not looked through, nothing is known."""
    printed = text(outputs["files"], ASKED)
    try:
        data = json.loads(printed)
        programs = typed(tuple[tuple[str, str], ...], data["programs"], ASKED)
        names = ("whole", "grants", "doas", "searched")
        whole, grants, doas, searched = (typed(tuple[str, ...], data[n], n) for n in names)
    except (ValueError, TypeError, KeyError, ContractError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    if "/" not in searched:
        raise Unreadable(f"{ASKED}: the root file system was not looked through")
    return Seen(programs, whole, grants, doas, searched)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A packaged program that gives more than it came with is as good as one of somebody's own."""
    known, allowed, whole = set(want.programs), set(want.files), set(seen.whole)
    programs = (
        f"{path} ({gives}{'' if path in whole else ', of no package or changed'})"
        for path, gives in seen.programs
        if path not in allowed and (f"{path} {gives}" not in known or path not in whole)
    )
    return (
        *extra("program", programs),
        *extra("rule of polkit", set(seen.grants) - allowed),
        *extra("rule of doas", set(seen.doas) - allowed),
    )
