"""A request from outside stands in the log with the outside address and the right time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from secrets import token_hex
from shlex import quote

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Address, PortNumber
from verify.readers.answers import text
from verify.readers.compare import same

FORGED = "192.0.2.99"
"""What the request claims to come from; reserved for documentation (RFC 5737)."""
ASK, READ = 1, 2
SKEW = 60


@dataclass(frozen=True, slots=True)
class Want:
    """Where to ask, the log, and the expression of its lines with groups `time` and `client`."""

    address: Address
    port: PortNumber
    path: AbsolutePath
    pattern: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The address that asked, and the one and the distance in seconds that the log shows.

    `client` is empty where no such line came, or one of another format.
    """

    source: str
    client: str
    skew: int | None


def commands(want: Want) -> Mapping[str, Command]:
    """A request with a mark that is new on every call, then the line that has it.

    The request claims to come from somewhere else, as an attacker's would.
    """
    mark = f"stook-{token_hex(8)}"
    ask = ("request", want.address, want.port, mark, FORGED)
    look = f"n=$(date +%s); grep -F {mark} {quote(want.path)} | tail -n 1 | cut -c 1-4000"
    wait = f'while [ "$i" -lt 20 ] && ! grep -qF {mark} {quote(want.path)}'
    return {
        "ask": probes.ask(*ask, scope="outside", timeout=15, step=ASK, reaches=want.address),
        "line": Command(
            f'i=0; {wait}; do i=$((i + 1)); sleep 0.1; done; {look}; echo "now $n"', step=READ
        ),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """That the line did not come is an answer, that nobody could ask is none."""
    source = text(outputs["ask"], "request from outside").strip()
    line, gap, now = text(outputs["line"], f"grep {want.path}").rpartition("now ")
    if not gap or not now.strip().isdigit() or not source:
        raise Unreadable(f"{want.path}: no answer with the node's time")
    match = re.search(want.pattern, line.rstrip("\n"))
    if match is None:
        return Seen(source, "", None)
    return Seen(source, match["client"], _time(match["time"], int(now)))


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _time(written: str, now: int) -> int | None:
    """Seconds from the line's time to `now`; the names of months are nobody's language."""
    try:
        day, month, year, hour, minute, rest = re.split("[/:]", written)
        second, zone = rest.split(" ")
        offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
        numbers = (int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute))
        stamp = datetime(*numbers, int(second), tzinfo=timezone(offset))
    except (ValueError, OverflowError):
        return None
    return now - int(stamp.timestamp())


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Another client would be banned, and another time misread."""
    if not seen.client:
        return (Difference("line", "in the format of the filter", "none came"),)
    close = seen.skew is not None and abs(seen.skew) <= SKEW
    return (
        *same("client", seen.source, seen.client),
        *same("clock", "that of the node", "that of the node" if close else f"{seen.skew} s off"),
    )
