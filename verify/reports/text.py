"""What the terminal shows: the most urgent first, in lines that each have a style."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from verify.contract import Report, Since, Status, Turn, Verdict
from verify.controls import outcomes, wording
from verify.history.changes import TITLES, step, summary, turned, untold
from verify.report import accepted, counted, cut, grouped, having, printable, runs, short

MOST_IDS, MOST_CHANGES, LONGEST = 3, 10, 300
STYLES = {
    "fail": "bold red",
    "unknown": "bold yellow",
    "pass": "green",
    "head": "bold",
    "dim": "dim",
}

Line = tuple[str, str]


def write(reports: Sequence[Report]) -> str:
    """The lines without their styles."""
    return "".join(f"{text}\n" for _, text in lines(reports))


def lines(reports: Sequence[Report]) -> Iterator[Line]:
    """Every line with the name of its style, the most urgent first.

    What a node printed may hold anything: no control character of it reaches the terminal.
    """
    for style, text in _lines(reports):
        yield style, printable(text)


def _lines(reports: Sequence[Report]) -> Iterator[Line]:
    for report in reports:
        yield "head", f"{report.site}: {report.target}, phase {report.phase}, {report.started}"
        yield from _stamps(report)
        if report.since:
            yield from _changes(report.since)
        yield from _failures(report)
        yield "", ""
        yield from _open(report)
        yield from _grouped("pending", having(report, Status.PENDING))
        yield from _grouped("elsewhere", having(report, Status.ELSEWHERE))
        yield from _controls(report)
        for item in report.accepted:
            yield "dim", f"accepted: {accepted(item)}"
        for text in report.not_checked:
            yield "dim", f"not checked: {text}"
        yield "", ""
        yield _count(report)


def _stamps(report: Report) -> Iterator[Line]:
    """What a node says it runs, where that is not what is verified."""
    for node, bundle in report.bundles.items():
        running = runs(report, node)
        if running and running != bundle:
            yield "fail", f"{node} runs bundle {running[:12]}, you verify {bundle[:12]}"


def _changes(since: Since) -> Iterator[Line]:
    """Before all that is, what is so since the last time."""
    yield "head", f"since {since.runs[0].started}: {summary(since)}"
    for turn, changes in turned(since).items():
        style = {Turn.FAILS: "fail", Turn.UNKNOWN: "unknown", Turn.MET: "pass"}.get(turn, "dim")
        for one in changes[:MOST_CHANGES]:
            yield style, f"  {TITLES[turn]}: {cut(one.id, LONGEST)} ({step(one)})"
        if (more := len(changes) - MOST_CHANGES) > 0:
            yield "dim", f"  {TITLES[turn]}: {more} more"
    for node, (then, now) in [*since.bundles.items()][:MOST_CHANGES]:
        yield "dim", f"  bundle of {node}: {then[:12] or 'none'}, now {now[:12] or 'none'}"
    if text := untold(since):
        yield "dim", f"  not compared: {text}"


def _failures(report: Report) -> Iterator[Line]:
    node = ""
    for verdict in having(report, Status.FAIL):
        owner, _, subject = verdict.id.partition("/")
        if owner != node:
            node = owner
            yield from (("", ""), ("head", node))
        level = "" if verdict.severity == "error" else f" ({verdict.severity})"
        yield "fail", f"  FAIL {subject}{level}  spec: {verdict.spec}"
        for difference in verdict.differences:
            yield "", f"       {difference.what}: wanted {difference.wanted}"
            yield "", f"       {' ' * len(difference.what)}  found  {difference.found}"
        for command in verdict.commands:
            yield "dim", f"       $ {short(command)}"


def _open(report: Report) -> Iterator[Line]:
    """What is unknown with what that blocks, as where a node cannot be asked; then the rest."""
    blocked = grouped(having(report, Status.BLOCKED))
    for reason, ids in grouped(having(report, Status.UNKNOWN)).items():
        yield from _reason("unknown", reason, ids, len(blocked.pop(reason, ())))
    for reason, ids in blocked.items():
        yield from _reason("blocked", reason, ids)


def _grouped(word: str, verdicts: Iterable[Verdict]) -> Iterator[Line]:
    for reason, ids in grouped(verdicts).items():
        yield from _reason(word, reason, ids)


def _reason(word: str, reason: str, ids: Sequence[str], blocked: int = 0) -> Iterator[Line]:
    """One that many share is said once."""
    more = f" and {len(ids) - MOST_IDS} more" if len(ids) > MOST_IDS else ""
    waiting = f"; {blocked} more are blocked by that" if blocked else ""
    yield word if word in STYLES else "dim", f"{word}: {reason}"
    yield "dim", f"       {', '.join(ids[:MOST_IDS])}{more}{waiting}"


def _controls(report: Report) -> Iterator[Line]:
    """Those that are not met; of the others, how many there are."""
    every = outcomes(report)
    if every:
        yield "head", f"controls: {counted(outcome.status for outcome in every)}"
    for one in (one for one in every if one.status is not Status.PASS):
        yield str(one.status), f"  {one.status.upper()} {one.control.id}: {wording(one)}"


def _count(report: Report) -> Line:
    statuses = Counter(verdict.status for verdict in report.verdicts)
    worst = next((s for s in (Status.FAIL, Status.UNKNOWN) if statuses[s]), Status.PASS)
    asked = statuses[Status.PASS] + statuses[Status.FAIL] + statuses[Status.UNKNOWN]
    text = f"{len(report.verdicts)} checks of {report.site}: {counted(statuses.elements())}"
    return (str(worst), text) if asked else ("unknown", f"{text}; NOTHING WAS ASKED")
