"""One page that needs nothing else: the verdict first, then by node and component, with evidence.

A node is not trusted, and neither is the page (`verify.page`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, takewhile
from pathlib import Path

from markupsafe import escape

from verify import page
from verify.contract import (
    Acceptance,
    Change,
    Difference,
    Report,
    Run,
    Since,
    Status,
    Turn,
    Verdict,
)
from verify.controls import Outcome, outcomes, wording
from verify.history.changes import TITLES, brief, step, summary, turned, untold
from verify.report import code, counted, cut, exit_code, observed, runs

HERE = Path(__file__).parent
URGENT = (Status.FAIL, Status.UNKNOWN)
ORDER = (*URGENT, Status.BLOCKED, Status.ELSEWHERE, Status.PENDING, Status.PASS)
WORDS = {0: Status.PASS, 1: Status.FAIL, 3: Status.UNKNOWN}
TONES = {Turn.FAILS: Status.FAIL, Turn.UNKNOWN: Status.UNKNOWN, Turn.MET: Status.PASS}
NOTHING = "nothing to check"
MOST_LINKS, MOST_CHANGES, MOST_RUNS, MOST_CONTROL_LINKS = 20, 20, 20, 2000
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
    controls: str


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
class Turned:
    """Checks that came to something else in one way; some of them, and how many more."""

    title: str
    word: str
    changes: tuple[Change, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """What has changed since an earlier run, and the runs with what each came to."""

    since: Since
    summary: str
    untold: str
    turned: tuple[Turned, ...]
    bundles: tuple[tuple[str, tuple[str, str]], ...]
    runs: tuple[tuple[Run, Status, str], ...]


@dataclass(frozen=True, slots=True)
class Controlled:
    """A control, what it came to, and the most urgent of its checks."""

    outcome: Outcome
    count: str
    links: tuple[tuple[str, str, Status], ...]
    more: int


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
    since: Earlier | None
    controls: tuple[Controlled, ...]
    controls_count: str


def write(reports: Sequence[Report]) -> str:
    """A page for one site, and one for many."""
    rooms = _rooms([verdict for report in reports for verdict in report.verdicts])
    return page.written(
        HERE,
        "page.html.j2",
        word=WORDS[exit_code(reports)],
        count=_count(verdict for report in reports for verdict in report.verdicts),
        sites=[_site(number, report, rooms) for number, report in enumerate(reports, 1)],
        step=step,
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
        _earlier(report) if report.since else None,
        tuple(_controls(report, nodes)),
        counted(outcome.status for outcome in outcomes(report)),
    )


def _controls(report: Report, nodes: Sequence[Node]) -> Iterator[Controlled]:
    """Each control with its checks; those that are not met are named, and the others counted."""
    anchors = {
        check.verdict.id: (check.anchor, f"{node.name}/{check.name}")
        for node in nodes
        for _, checks in node.components
        for check in checks
    }
    every = outcomes(report)
    most = min(MOST_LINKS, MOST_CONTROL_LINKS // (len(every) or 1))
    for one in every:
        ordered = [v for v in sorted(one.verdicts, key=_urgency) if v.id in anchors]
        links = tuple((*anchors[verdict.id], verdict.status) for verdict in ordered[:most])
        count = wording(replace(one, control=replace(one.control, about="")))
        yield Controlled(one, count, links, len(ordered) - len(links))


def _earlier(report: Report) -> Earlier:
    """This run is the first of those that are shown, for comparison."""
    since = report.since
    assert since
    groups = turned(since).items()
    return Earlier(
        since,
        summary(since),
        untold(since),
        tuple(_turned(turn, changes) for turn, changes in groups),
        tuple(since.bundles.items())[:MOST_CHANGES],
        tuple(
            (run, WORDS[code(run.statuses)], ", ".join(_counted(run.statuses)) or NOTHING)
            for run in (brief(report), *since.runs[:MOST_RUNS])
        ),
    )


def _turned(turn: Turn, changes: Sequence[Change]) -> Turned:
    first = (replace(one, id=_fitting(one.id, LONGEST_NAME)) for one in changes[:MOST_CHANGES])
    return Turned(
        TITLES[turn],
        TONES.get(turn, Status.PENDING),
        tuple(first),
        max(0, len(changes) - MOST_CHANGES),
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
        _fitting(" ".join(verdict.controls), LONGEST_NAME),
    )


def _fitting(text: str, room: int) -> str:
    """As much of a text as has so many bytes once it is escaped."""
    sizes = accumulate(map(_size, text[:room]))
    return cut(text, sum(1 for _ in takewhile(lambda size: size <= room, sizes)))


@cache
def _size(character: str) -> int:
    return len(escape(page.lines(character)).encode())


def _count(verdicts: Iterable[Verdict]) -> str:
    statuses: Counter[str] = Counter(verdict.status for verdict in verdicts)
    return ", ".join(_counted(statuses)) or NOTHING


def _counted(statuses: Mapping[str, int]) -> Iterator[str]:
    yield from (f"{statuses[status]} {status}" for status in ORDER if statuses.get(status))
