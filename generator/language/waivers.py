"""Accepted findings: somebody has looked, says why, and answers for it until a day.

A waiver silences a finding, never a verdict of the verification.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from generator.language.findings import Finding, Rule, Severity, dotted
from generator.language.spec import AcceptSpec

NO_RULE = Rule(
    "A101",
    "a waiver for a rule that does not exist",
    "It silences nothing, while its author believes that it does.",
    "use the id that the finding shows, such as G112",
)
OVER = Rule(
    "A102",
    "a waiver that is over",
    "Somebody wanted to look again by that day.",
    "mend what it was for, or agree on a new day",
    Severity.WARNING,
)
UNUSED = Rule(
    "A103",
    "a waiver that accepts nothing",
    "What it was for is gone; it would silence the next finding in that place unseen.",
    "remove it",
    Severity.WARNING,
)
NO_DAY = Rule(
    "A104",
    "a waiver without a day",
    "What is accepted for ever is never looked at again.",
    "give `until` as a date, YYYY-MM-DD",
)
NEVER = Rule(
    "A105",
    "a waiver for what cannot be accepted",
    "A spec that cannot be read or resolved has no meaning to build from.",
    "mend the finding itself",
)
RULES = (NO_RULE, OVER, UNUSED, NO_DAY, NEVER)

NEVER_ACCEPTED = "YSP"


def mark(
    findings: Iterable[Finding], waivers: Sequence[AcceptSpec], today: datetime.date | None
) -> Iterator[Finding]:
    """The findings, with the reason in those that are accepted.

    `today` is None where dates must not matter, as in a build.
    """
    live = [item for item in waivers if not _over(item, today)]
    for finding in findings:
        by = next((item for item in live if _meant(item, finding)), None)
        yield replace(finding, accepted=f"{by.reason} ({by.by})") if by else finding


def check(
    waivers: Sequence[AcceptSpec], known: Callable[[str], bool], today: datetime.date | None
) -> Iterator[Finding]:
    """What is wrong with the waivers themselves; `known` tells whether there is a rule."""
    for index, item in enumerate(waivers):
        path = ("accept", index)
        if not known(item.rule):
            yield NO_RULE.at((*path, "rule"), f"there is no rule `{item.rule}`")
        elif item.rule[0] in NEVER_ACCEPTED:
            yield NEVER.at((*path, "rule"), f"`{item.rule}` cannot be accepted")
        elif _day(item) is None:
            yield NO_DAY.at((*path, "until"), f"`{item.until}` is not a date")
        elif _over(item, today):
            yield OVER.at((*path, "until"), f"it was accepted until {item.until}")


def unused(
    waivers: Sequence[AcceptSpec], findings: Sequence[Finding], today: datetime.date | None
) -> Iterator[Finding]:
    """Waivers that accept none of all findings of a spec; asked when there can be no more."""
    for index, item in enumerate(waivers):
        if not _over(item, today) and not any(_meant(item, f) for f in findings):
            message = f"no finding of `{item.rule}` at `{item.where}`"
            yield UNUSED.at(("accept", index), message)


def _day(item: AcceptSpec) -> datetime.date | None:
    try:
        return item.day()
    except ValueError:
        return None


def _over(item: AcceptSpec, today: datetime.date | None) -> bool:
    day = _day(item)
    return day is None or (today is not None and day < today)


def _meant(item: AcceptSpec, finding: Finding) -> bool:
    if finding.rule != item.rule or finding.rule[0] in NEVER_ACCEPTED:
        return False
    where = dotted(finding.path)
    return where == item.where or where.startswith((f"{item.where}.", f"{item.where}["))
