"""Markdown for a pull request or a ticket: the verdict, what is wrong, and what was not checked.

A node is not trusted, and where this is shown text becomes links, tags, pictures and people who are
called. So whatever is not ours stands in a code span, where nothing becomes anything, and never in
a table, whose bars are markup within code spans, too.
Source: https://github.github.com/gfm/, "Code spans" and "Tables (extension)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from verify.contract import Report, Since, Status, Verdict
from verify.controls import outcomes, wording
from verify.history.changes import TITLES, step, summary, turned, untold
from verify.report import (
    accepted,
    counted,
    cut,
    exit_code,
    grouped,
    having,
    printable,
    runs,
    short,
)

LONGEST = 60_000
"""Characters of a document; a comment on GitHub has 65,536 at most."""
MOST_VALUE, MOST_DIFFERENCES, MOST_CHANGES, MOST_IDS = 300, 10, 10, 3
WORDS = {0: "PASS", 1: "FAIL", 3: "UNKNOWN"}
UNASKED = (Status.BLOCKED, Status.PENDING, Status.ELSEWHERE)


def write(reports: Sequence[Report]) -> str:
    """As many blocks as there is room for, and how many were left out."""
    blocks = [*_fleet(reports), *(block for report in reports for block in _site(report))]
    size, whole = 0, 0
    for block in blocks:
        size += len(block)
        if size > LONGEST:
            break
        whole += 1
    more = f"\n… and {len(blocks) - whole} more: `--format html` and `json` have them all.\n"
    return "".join(blocks[:whole]) + (more if whole < len(blocks) else "")


def code(text: str, most: int = MOST_VALUE) -> str:
    """A code span of any text, on one line: its fence is longer than any that stands in it."""
    content = cut(printable(text), most) or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", content)), default=0))
    pad = " " if content[0] in "` " or content[-1] in "` " else ""
    return f"{fence}{pad}{content}{pad}{fence}"


def _fleet(reports: Sequence[Report]) -> Iterator[str]:
    """One verdict over several sites."""
    if len(reports) > 1:
        yield f"# {WORDS[exit_code(reports)]}: {len(reports)} sites, {_count(*reports)}\n\n"


def _site(report: Report) -> Iterator[str]:
    yield f"## {WORDS[exit_code([report])]}: {code(report.site)}, {_count(report)}\n\n"
    yield f"Asked over {code(report.target)} by {code(report.runner)}, {code(report.started)}, "
    yield f"phase {report.phase}, spec {code(report.spec_digest[:12])}, Stook {code(report.tool)}\n"
    yield from _listed("Another bundle", _stamps(report))
    if report.since:
        yield from _changes(report.since)
    yield from _listed("Fail", map(_failure, having(report, Status.FAIL)))
    for status in (Status.UNKNOWN, *UNASKED):
        yield from _listed(status.capitalize(), _shared(having(report, status)))
    yield from _controls(report)
    yield from _listed("Accepted", (f"- {code(accepted(item))}\n" for item in report.accepted))
    yield from _listed("Not checked", (f"- {code(text)}\n" for text in report.not_checked))
    yield "\n"


def _controls(report: Report) -> Iterator[str]:
    """Those that are not met, with whatever they came to."""
    every = outcomes(report)
    if every:
        yield f"\n### Controls: {counted(one.status for one in every)}\n"
    unmet = [one for one in every if one.status is not Status.PASS]
    for number, one in enumerate(unmet):
        start = "" if number else "\n"
        yield f"{start}- {one.status.upper()} {code(one.control.id)}: {code(wording(one))}\n"


def _listed(title: str, items: Iterator[str]) -> Iterator[str]:
    """A list with a heading, if there is anything in it."""
    for number, item in enumerate(items):
        yield item if number else f"\n### {title}\n\n{item}"


def _count(*reports: Report) -> str:
    return counted(verdict.status for report in reports for verdict in report.verdicts)


def _stamps(report: Report) -> Iterator[str]:
    for node, bundle in report.bundles.items():
        running = runs(report, node)
        if running and running != bundle:
            yield f"- {code(node)} runs {code(running[:12])}, verified is {code(bundle[:12])}\n"


def _changes(since: Since) -> Iterator[str]:
    yield f"\n### Since {code(since.runs[0].started)}: {summary(since)}\n"
    items = [
        f"- {TITLES[turn]}: {code(one.id)} ({step(one)})\n"
        for turn, changes in turned(since).items()
        for one in changes[:MOST_CHANGES]
    ]
    items += [
        f"- bundle of {code(node)}: {code(then[:12] or 'none')}, now {code(now[:12] or 'none')}\n"
        for node, (then, now) in [*since.bundles.items()][:MOST_CHANGES]
    ]
    left = len(since.changes) + len(since.bundles) - len(items)
    items += [f"- and {left} more\n"] * bool(left)
    items += [f"- not compared: {text}\n" for text in [untold(since)] if text]
    yield from ("\n" * (number == 0) + item for number, item in enumerate(items))


def _failure(verdict: Verdict) -> str:
    level = "" if verdict.severity == "error" else f" ({verdict.severity})"
    lines = [f"- {code(verdict.id)}{level}, spec {code(verdict.spec)}\n"]
    lines += [
        f"  - {code(one.what)}: wanted {code(one.wanted)}, found {code(one.found)}\n"
        for one in verdict.differences[:MOST_DIFFERENCES]
    ]
    if (more := len(verdict.differences) - MOST_DIFFERENCES) > 0:
        lines.append(f"  - and {more} more\n")
    lines += [f"  - {code(f'$ {short(command)}')}\n" for command in verdict.commands[:MOST_IDS]]
    return "".join(lines)


def _shared(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """A reason that many share is said once."""
    for reason, ids in grouped(verdicts).items():
        more = f" and {len(ids) - MOST_IDS} more" if len(ids) > MOST_IDS else ""
        yield f"- {code(reason)}: {', '.join(map(code, ids[:MOST_IDS]))}{more}\n"
