"""The clock follows the spec's time servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Host
from verify.readers.answers import text
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """Servers as configured (name or address); offset in seconds."""

    servers: tuple[Host, ...]
    max_offset: float = 0.5


NO_DAEMON = "Cannot talk to daemon"
SELECTED = "*"


@dataclass(frozen=True, slots=True)
class Seen:
    """What chronyd says of itself: leap status, offset in seconds, sources and the chosen one."""

    leap: str
    offset: float = 0.0
    sources: tuple[str, ...] = ()
    selected: str = ""


def commands(want: Want) -> Mapping[str, Command]:
    """Sources by the names they are configured with; `timedatectl` is not believed."""
    return {
        "tracking": Command("chronyc -n -c tracking"),
        "sources": Command("chronyc -N -c sources"),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """No daemon is an answer: then nothing keeps the clock."""
    if any(
        output.code == 1 and NO_DAEMON in output.out + output.err for output in outputs.values()
    ):
        return Seen("chronyd does not answer")
    tracking = text(outputs["tracking"], "chronyc tracking").strip().split(",")
    rows = [line.split(",") for line in text(outputs["sources"], "chronyc sources").splitlines()]
    if len(tracking) != 14 or any(len(row) < 10 for row in rows):
        raise Unreadable("chronyc: not the columns that it is known to print")
    names = tuple(row[2] for row in rows)
    selected = next((row[2] for row in rows if row[1] == SELECTED), "")
    return Seen(tracking[13], float(tracking[4]), names, selected)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A source that the spec does not name may be the one that is followed."""
    if seen.leap != "Normal":
        return same("synchronised", "Normal", seen.leap)
    beyond = abs(seen.offset) > want.max_offset
    return (
        *sets("source", want.servers, seen.sources),
        *same("follows one", "yes", "yes" if seen.selected else "no"),
        *(
            (Difference("offset", f"at most {want.max_offset} s", f"{seen.offset} s"),)
            if beyond
            else ()
        ),
    )
