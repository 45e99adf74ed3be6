"""Accepted findings: somebody has looked, says why, and answers for it until a day.

A waiver silences a finding, never a verdict of the verification.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace

from generator.diagnostics import Finding, Rule, Severity, dotted
from generator.spec import AcceptSpec

RULES = (
    Rule(
        "A101",
        "a waiver for a rule that does not exist",
        "It silences nothing, while its author believes that it does.",
        "use the id that the finding shows, such as G112",
    ),
    Rule(
        "A102",
        "a waiver that is over",
        "Somebody wanted to look again by that day.",
        "mend what it was for, or agree on a new day",
        Severity.WARNING,
    ),
    Rule(
        "A103",
        "a waiver that accepts nothing",
        "What it was for is gone; it would silence the next finding in that place unseen.",
        "remove it",
        Severity.WARNING,
    ),
    Rule(
        "A104",
        "a waiver without a day",
        "What is accepted for ever is never looked at again.",
        "give `until` as a date, YYYY-MM-DD",
    ),
    Rule(
        "A105",
        "a waiver for what cannot be accepted",
        "A spec that cannot be read or resolved has no meaning to build from.",
        "mend the finding itself",
    ),
)
NO_RULE, OVER, UNUSED, NO_DAY, NEVER = RULES


def apply(
    findings: Iterable[Finding],
    waivers: list[AcceptSpec],
    known: Iterable[str],
    today: datetime.date | None,
) -> Iterator[Finding]:
    """The findings, the accepted ones marked, and what is wrong with the waivers themselves.

    `today` is None where dates must not matter, as in a build.
    """
    ids, used = frozenset(known), set[int]()
    live = [index for index, item in enumerate(waivers) if not _over(item, today)]
    for finding in findings:
        by = next((i for i in live if _meant(waivers[i], finding)), None)
        if by is None:
            yield finding
            continue
        used.add(by)
        yield replace(finding, accepted=f"{waivers[by].reason} ({waivers[by].by})")
    for index, item in enumerate(waivers):
        yield from _judge(index, item, index in used, ids, today)


def _judge(
    index: int, item: AcceptSpec, used: bool, ids: frozenset[str], today: datetime.date | None
) -> Iterator[Finding]:
    path = ("accept", index)
    if item.rule not in ids:
        yield NO_RULE.at((*path, "rule"), f"there is no rule `{item.rule}`")
    elif item.rule[0] in "YSP":
        yield NEVER.at((*path, "rule"), f"`{item.rule}` cannot be accepted")
    elif _day(item) is None:
        yield NO_DAY.at((*path, "until"), f"`{item.until}` is not a date")
    elif _over(item, today):
        yield OVER.at((*path, "until"), f"it was accepted until {item.until}")
    elif not used:
        yield UNUSED.at(path, f"no finding of `{item.rule}` at `{item.where}`")


def _day(item: AcceptSpec) -> datetime.date | None:
    try:
        return item.day()
    except ValueError:
        return None


def _over(item: AcceptSpec, today: datetime.date | None) -> bool:
    day = _day(item)
    return day is None or (today is not None and day < today)


def _meant(item: AcceptSpec, finding: Finding) -> bool:
    if finding.rule != item.rule or finding.rule[0] in "YSP":
        return False
    where = dotted(finding.path)
    return where == item.where or where.startswith((f"{item.where}.", f"{item.where}["))
