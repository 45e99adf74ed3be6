"""What a report comes to, and what of it is safe to show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from verify.contract import Acceptance, Report, Status, Verdict
from verify.serialization import compact

# those of ASCII and Latin-1, what turns the direction of a line around (Unicode TR 9), and halves
# of pairs of UTF-16, which no encoding has
_ACTS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
CONTROL = re.compile(f"[\t\n{_ACTS}]")
# XML has besides them two that are no characters
UNPRINTABLE = re.compile(f"[{_ACTS}\ufffe\uffff]")
MOST_OBSERVED = 20_000
"""Characters of one observed value in a report for people; the JSON has them all."""
SKIPPED = (Status.BLOCKED, Status.PENDING, Status.ELSEWHERE)


def exit_code(reports: Sequence[Report]) -> int:
    """1 for any fail; else 3 for any unknown, or when nothing was asked; else 0."""
    return code(Counter(verdict.status for report in reports for verdict in report.verdicts))


def code(statuses: Mapping[str, int]) -> int:
    """The same of how many checks came to which status."""
    if statuses.get(Status.FAIL):
        return 1
    return 3 if statuses.get(Status.UNKNOWN) or not statuses.get(Status.PASS) else 0


def counted(statuses: Iterable[Status]) -> str:
    """How many there are of each status, in words."""
    numbers = Counter(statuses)
    return ", ".join(f"{numbers[s]} {s}" for s in Status if numbers[s]) or "nothing to check"


def runs(report: Report, node: str) -> str:
    """The digest of the bundle that a node says it runs, or nothing."""
    stamp = report.stamps.get(node)
    return str(stamp.get("bundle") or "") if isinstance(stamp, Mapping) else ""


def having(report: Report, status: Status) -> list[Verdict]:
    """The checks of a site that came to this."""
    return [verdict for verdict in report.verdicts if verdict.status is status]


def grouped(verdicts: Iterable[Verdict]) -> dict[str, list[str]]:
    """Each reason with the ids that share it."""
    groups: dict[str, list[str]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.reason, []).append(verdict.id)
    return groups


def short(command: str) -> str:
    """Its first line. A comment there is what somebody would type instead of what follows."""
    first, newline, _ = command.strip().partition("\n")
    if typed := re.fullmatch(r"(\[\S+\] )?# (.+)", first):
        return (typed[1] or "") + typed[2]
    return first if len(first) <= 150 and not newline else f"{first[:150]} …"


def observed(verdict: Verdict, most: int = MOST_OBSERVED) -> str:
    """What a node is like, in JSON, of which so many characters are kept."""
    return cut(compact(verdict.observed), most)


def cut(text: str, most: int) -> str:
    """The beginning of a long text, which says how long it was."""
    return text if len(text) <= most else f"{text[:most]} … ({len(text)} characters)"


def accepted(item: Acceptance) -> str:
    """A deviation that counts, with its end and its reason."""
    ticket = f", {item.ticket}" if item.ticket else ""
    reason = f": {item.reason} ({item.by}{ticket})" if item.reason else ""
    return f"{item.rule} at {item.where} until {item.until}{reason}"


def printable(text: str) -> str:
    """One line for a terminal: a control character is shown, and never acts."""
    return CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
