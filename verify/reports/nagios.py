"""One line for Nagios, Icinga and their like, and the exit code that a plugin ends with.

Source: https://www.monitoring-plugins.org/doc/guidelines.html, "Plugin Output for Nagios",
"Plugin Return Codes" and "Performance data".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import IntEnum

from verify.contract import Report, Severity, Status, Verdict
from verify.report import exit_code as usual_code
from verify.report import printable

MOST_IDS, LONGEST_ID = 3, 80
WORST = (Status.FAIL, Status.UNKNOWN)
SEVERITIES = (*Severity,)
ACTING = str.maketrans({character: f"\\x{ord(character):02x}" for character in "|<>"})
"""A bar begins the performance data wherever it stands, and pages of monitors take in tags."""


class State(IntEnum):
    """What a plugin exits with."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


REFUSED: int = State.UNKNOWN
"""A run that did not come about says nothing about the nodes."""


def write(reports: Sequence[Report]) -> str:
    """What people are woken by, and after a bar what is drawn over time."""
    data = " ".join(pair for report in reports for pair in _performance(report))
    return _line(_state(reports), f"{_where(reports)}: {_summary(reports)}", f" | {data}")


def exit_code(reports: Sequence[Report]) -> int:
    """Critical is a failure of severity error, a warning any other one; then comes unknown."""
    return _state(reports)


def refusal(why: str) -> str:
    """The line of a run that did not come about."""
    return _line(State.UNKNOWN, why)


def _state(reports: Sequence[Report]) -> State:
    failing = [verdict for verdict in _verdicts(reports) if verdict.status is Status.FAIL]
    if any(verdict.severity is Severity.ERROR for verdict in failing):
        return State.CRITICAL
    if failing:
        return State.WARNING
    # each by itself: a site where nothing was asked is not covered up by another one
    return State.UNKNOWN if any(usual_code([one]) for one in reports) else State.OK


def _line(state: State, text: str, data: str = "") -> str:
    return f"STOOK {state.name} - {printable(text.strip()).translate(ACTING)}{data}\n"


def _verdicts(reports: Sequence[Report]) -> list[Verdict]:
    return [verdict for report in reports for verdict in report.verdicts]


def _where(reports: Sequence[Report]) -> str:
    return reports[0].site if len(reports) == 1 else f"{len(reports)} sites"


def _summary(reports: Sequence[Report]) -> str:
    statuses = Counter(verdict.status for verdict in _verdicts(reports))
    worst_first = (Status.FAIL, Status.UNKNOWN, *(s for s in Status if s not in WORST))
    counted = ", ".join(f"{statuses[s]} {s}" for s in worst_first if statuses[s])
    idle = [report.site for report in reports if not any(map(_asked, report.verdicts))]
    nothing = f"; NOTHING WAS ASKED of {', '.join(idle)}" if idle else ""
    return f"{counted or 'nothing to check'}{nothing}{_named(reports)}"


def _asked(verdict: Verdict) -> bool:
    return verdict.status is Status.PASS or verdict.status in WORST


def _named(reports: Sequence[Report]) -> str:
    """The first few of what is wrong, the most severe first."""
    several = len(reports) > 1
    names = [
        (
            WORST.index(v.status),
            SEVERITIES.index(v.severity),
            f"{r.site}/{v.id}" if several else v.id,
        )
        for r in reports
        for v in r.verdicts
        if v.status in WORST
    ]
    first = [name[:LONGEST_ID] for *_, name in sorted(names, key=lambda one: one[:2])[:MOST_IDS]]
    more = f" and {len(names) - MOST_IDS} more" if len(names) > MOST_IDS else ""
    return f": {', '.join(first)}{more}" if first else ""


def _performance(report: Report) -> Iterator[str]:
    """LABEL=VALUE[UNIT];WARNING;CRITICAL;MINIMUM;MAXIMUM, of labels that need no quotes."""
    site = re.sub(r"[^a-z0-9-]", "_", report.site)
    statuses = Counter(verdict.status for verdict in report.verdicts)
    for status in Status:
        yield f"{site}_{status}={statuses[status]};;;0;{len(report.verdicts)}"
    yield f"{site}_accepted={len(report.accepted)};;;0"
    yield f"{site}_not_checked={len(report.not_checked)};;;0"
    took = datetime.fromisoformat(report.finished) - datetime.fromisoformat(report.started)
    yield f"{site}_time={took.total_seconds():.0f}s;;;0"
