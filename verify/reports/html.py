"""One page that needs nothing else: the verdict first, then by node and component, with evidence.

A node is not trusted, and neither is the page (`verify.page`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, takewhile
from pathlib import Path

from markupsafe import escape

from verify import page
from verify.contract import Acceptance, Difference, Report, Status, Verdict
from verify.report import cut, exit_code, observed, runs

HERE = Path(__file__).parent
URGENT = (Status.FAIL, Status.UNKNOWN)
ORDER = (*URGENT, Status.BLOCKED, Status.ELSEWHERE, Status.PENDING, Status.PASS)
WORDS = {0: Status.PASS, 1: Status.FAIL, 3: Status.UNKNOWN}
MOST_LINKS = 20
LONGEST_NAME = 300
# Bytes for all evidence of a run, and for that of one check: 1,000 checks have 2 MB at most.
FOR_ALL, LEAST, MOST = 800_000, 400, 20_000


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict with as much of its evidence as there is room for, as the page shows it."""

    anchor: str
    name: str
    verdict: Verdict
    reason: str
    differences: tuple[Difference, ...]
    more: int
    commands: str
    seen: str


@dataclass(frozen=True, slots=True)
class Node:
    """A node with its checks, those of each component together."""

    anchor: str
    name: str
    bundle: str
    runs: str
    count: str
    components: tuple[tuple[str, tuple[Check, ...]], ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A report, with the checks that are wrong once more on top."""

    anchor: str
    report: Report
    word: Status
    count: str
    nodes: tuple[Node, ...]
    urgent: tuple[tuple[str, Check], ...]
    more: int
    accepted: tuple[Acceptance, ...]


def write(reports: Sequence[Report]) -> str:
    """A page for one site, and one for many."""
    rooms = _rooms([verdict for report in reports for verdict in report.verdicts])
    return page.written(
        HERE,
        "page.html.j2",
        word=WORDS[exit_code(reports)],
        count=_count(verdict for report in reports for verdict in report.verdicts),
        sites=[_site(number, report, rooms) for number, report in enumerate(reports, 1)],
    )


def _rooms(verdicts: Sequence[Verdict]) -> dict[bool, int]:
    """Bytes of evidence for a check that is wrong, and for one that is not."""
    numbers = Counter(verdict.status in URGENT for verdict in verdicts)
    return {
        urgent: max(LEAST, min(MOST, FOR_ALL // 2 // (numbers[urgent] or 1)))
        for urgent in (True, False)
    }


def _site(number: int, report: Report, rooms: dict[bool, int]) -> Site:
    anchor = f"s{number}"
    nodes = tuple(
        _node(f"{anchor}n{position}", report, name, rooms)
        for position, name in enumerate(report.bundles, 1)
    )
    urgent = [
        (node.name, check)
        for node in nodes
        for _, checks in node.components
        for check in checks
        if check.verdict.status in URGENT
    ]
    urgent.sort(key=lambda one: ORDER.index(one[1].verdict.status))
    return Site(
        anchor,
        report,
        WORDS[exit_code([report])],
        _count(report.verdicts),
        nodes,
        tuple(urgent[:MOST_LINKS]),
        max(0, len(urgent) - MOST_LINKS),
        report.accepted,
    )


def _node(anchor: str, report: Report, name: str, rooms: dict[bool, int]) -> Node:
    own = [verdict for verdict in report.verdicts if verdict.id.partition("/")[0] == name]
    components: dict[str, list[Check]] = {}
    for number, verdict in enumerate(sorted(own, key=_urgency), 1):
        check = _check(f"{anchor}c{number}", verdict, rooms[verdict.status in URGENT])
        components.setdefault(_fitting(verdict.component, LONGEST_NAME), []).append(check)
    return Node(
        anchor,
        name,
        report.bundles[name],
        runs(report, name),
        _count(own),
        tuple((component, tuple(components[component])) for component in sorted(components)),
    )


def _urgency(verdict: Verdict) -> tuple[int, str]:
    return ORDER.index(verdict.status), verdict.id


def _check(anchor: str, verdict: Verdict, room: int) -> Check:
    """Half of the room is for what is wrong, the other for how it was asked."""
    part = room // 4
    most = min(len(verdict.differences), max(1, part // 60))
    each = max(20, part // (3 * max(1, most)))
    return Check(
        anchor,
        _fitting(verdict.id.partition("/")[2], LONGEST_NAME),
        verdict,
        _fitting(verdict.reason, part),
        tuple(
            Difference(*(_fitting(text, each) for text in (one.what, one.wanted, one.found)))
            for one in verdict.differences[:most]
        ),
        len(verdict.differences) - most,
        _fitting("\n".join(f"$ {command}" for command in verdict.commands), part),
        _fitting(observed(verdict), part),
    )


def _fitting(text: str, room: int) -> str:
    """As much of a text as has so many bytes once it is escaped."""
    sizes = accumulate(map(_size, text[:room]))
    return cut(text, sum(1 for _ in takewhile(lambda size: size <= room, sizes)))


@cache
def _size(character: str) -> int:
    return len(escape(page.lines(character)).encode())


def _count(verdicts: Iterable[Verdict]) -> str:
    statuses = Counter(verdict.status for verdict in verdicts)
    return ", ".join(_counted(statuses)) or "nothing to check"


def _counted(statuses: Counter[Status]) -> Iterator[str]:
    yield from (f"{statuses[status]} {status}" for status in ORDER if statuses[status])
