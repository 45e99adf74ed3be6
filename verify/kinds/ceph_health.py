"""The cluster's health is as predicted: every code that must show, and none that may not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from verify.contract import Command, Difference, Output
from verify.readers import ceph


@dataclass(frozen=True, slots=True)
class Want:
    """Health codes with the reason for each: those that must show, and those that may.

    Those of `monitors` may show as long as they are said of monitors only.
    """

    must: dict[str, str]
    may: dict[str, str]
    admin: str
    monitors: dict[str, str] = field(default_factory=dict)


GOOD = "HEALTH_OK"
DAEMON = re.compile(r"\b(mon|mgr|mds|osd|client)\.")


@dataclass(frozen=True, slots=True)
class Seen:
    """The status, and what each code says; `muted` are the codes that somebody has silenced."""

    status: str
    codes: dict[str, str]
    muted: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """Muted codes are in the answer, too."""
    return {"health": ceph.ask(want.admin, "health", detail="detail")}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """The summaries."""
    health = ceph.read(outputs["health"], "ceph health detail")
    codes = {code: str(one["summary"]["message"]) for code, one in health["checks"].items()}
    return Seen(str(health["status"]), codes, tuple(str(one["code"]) for one in health["mutes"]))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A cluster that looks better than it can be is not believed."""
    if seen.status == GOOD and want.must and not seen.codes:
        reasons = "; ".join(f"{code}: {why}" for code, why in want.must.items())
        return (Difference("health", reasons, f"{GOOD}, which cannot be: nobody has looked yet"),)
    missing = {code: why for code, why in want.must.items() if code not in seen.codes}
    known = {*want.must, *want.may, *(c for c in want.monitors if _monitors(seen.codes.get(c, "")))}
    unexpected = {code: text for code, text in seen.codes.items() if code not in known}
    return (
        *(Difference(code, f"shown ({why})", "not shown") for code, why in missing.items()),
        *(Difference(code, "not shown", text) for code, text in unexpected.items()),
        *(Difference(code, "not muted", "muted") for code in seen.muted),
    )


def _monitors(message: str) -> bool:
    return set(DAEMON.findall(message)) == {"mon"}
