"""A report as text for people, JSON for programs and JUnit for build servers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree

from verify.contract import Report, Status, Verdict
from verify.serialization import dump

# those of ASCII and Latin-1, what turns the direction of a line around (Unicode TR 9), and halves
# of pairs of UTF-16, which no encoding has
_ACTS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
CONTROL = re.compile(f"[\t\n{_ACTS}]")
# XML has besides them two that are no characters
UNPRINTABLE = re.compile(f"[{_ACTS}\ufffe\uffff]")
MOST_IDS = 3
SKIPPED = (Status.BLOCKED, Status.PENDING, Status.ELSEWHERE)
STYLES = {
    "fail": "bold red",
    "unknown": "bold yellow",
    "pass": "green",
    "head": "bold",
    "dim": "dim",
}

Line = tuple[str, str]


def exit_code(reports: Sequence[Report]) -> int:
    """1 for any fail; else 3 for any unknown, or when nothing was asked; else 0."""
    statuses = Counter(verdict.status for report in reports for verdict in report.verdicts)
    if statuses[Status.FAIL]:
        return 1
    return 3 if statuses[Status.UNKNOWN] or not statuses[Status.PASS] else 0


def as_json(reports: Sequence[Report]) -> str:
    """One report as an object, several as a list of them."""
    if len(reports) == 1:
        text = dump(reports[0]).decode()
    else:
        text = "[\n" + ",\n".join(dump(report).decode().rstrip() for report in reports) + "\n]\n"
    # JSON escapes those of ASCII only
    return CONTROL.sub(lambda m: m[0] if m[0] < " " else f"\\u{ord(m[0]):04x}", text)


def as_text(reports: Sequence[Report]) -> str:
    """What the terminal shows, without its colours."""
    return "".join(f"{text}\n" for _, text in lines(reports))


def lines(reports: Sequence[Report]) -> Iterator[Line]:
    """Every line with the name of its style, the most urgent first.

    What a node printed may hold anything: no control character of it reaches the terminal.
    """
    for style, text in _lines(reports):
        yield style, printable(text)


def printable(text: str) -> str:
    """One line for a terminal: a control character is shown, and never acts."""
    return CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _lines(reports: Sequence[Report]) -> Iterator[Line]:
    for report in reports:
        yield "head", f"{report.site}: {report.target}, phase {report.phase}, {report.started}"
        yield from _stamps(report)
        yield from _failures(report)
        yield "", ""
        yield from _grouped("unknown", _having(report, Status.UNKNOWN))
        yield from _grouped("blocked", _having(report, Status.BLOCKED))
        yield from _grouped("pending", _having(report, Status.PENDING))
        yield from _grouped("elsewhere", _having(report, Status.ELSEWHERE))
        for text in report.not_checked:
            yield "dim", f"not checked: {text}"
        yield "", ""
        yield _count(report)


def _having(report: Report, status: Status) -> list[Verdict]:
    return [verdict for verdict in report.verdicts if verdict.status is status]


def _stamps(report: Report) -> Iterator[Line]:
    """What a node says it runs, where that is not what is verified."""
    for node, bundle in report.bundles.items():
        stamp = report.stamps.get(node)
        runs = stamp.get("bundle") if isinstance(stamp, Mapping) else None
        if runs and runs != bundle:
            yield "fail", f"{node} runs bundle {str(runs)[:12]}, you verify {bundle[:12]}"


def _failures(report: Report) -> Iterator[Line]:
    node = ""
    for verdict in _having(report, Status.FAIL):
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
            yield "dim", f"       $ {_short(command)}"


def _short(command: str) -> str:
    """Its first line. A comment there is what somebody would type instead of what follows."""
    first, newline, _ = command.strip().partition("\n")
    if typed := re.fullmatch(r"(\[\S+\] )?# (.+)", first):
        return (typed[1] or "") + typed[2]
    return first if len(first) <= 150 and not newline else f"{first[:150]} …"


def _grouped(word: str, verdicts: Iterable[Verdict]) -> Iterator[Line]:
    """A reason that many share is said once."""
    groups: dict[str, list[str]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.reason, []).append(verdict.id)
    for reason, ids in groups.items():
        more = f" and {len(ids) - MOST_IDS} more" if len(ids) > MOST_IDS else ""
        style = word if word in STYLES else "dim"
        yield style, f"{word}: {reason}"
        yield "dim", f"       {', '.join(ids[:MOST_IDS])}{more}"


def _count(report: Report) -> Line:
    statuses = Counter(verdict.status for verdict in report.verdicts)
    counted = ", ".join(f"{statuses[s]} {s}" for s in Status if statuses[s])
    worst = next((s for s in (Status.FAIL, Status.UNKNOWN) if statuses[s]), Status.PASS)
    asked = statuses[Status.PASS] + statuses[Status.FAIL] + statuses[Status.UNKNOWN]
    text = f"{len(report.verdicts)} checks of {report.site}: {counted or 'nothing to check'}"
    return (str(worst), text) if asked else ("unknown", f"{text}; NOTHING WAS ASKED")


def as_junit(reports: Sequence[Report]) -> str:
    """One suite per node; unknown is an error, and what nobody could ask here is skipped."""
    root = ElementTree.Element("testsuites", name="stook verify")
    for report in reports:
        for node in report.bundles:
            verdicts = [v for v in report.verdicts if v.id.partition("/")[0] == node]
            root.append(_suite(report, node, verdicts))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _suite(report: Report, node: str, verdicts: Sequence[Verdict]) -> ElementTree.Element:
    statuses = Counter(verdict.status for verdict in verdicts)
    suite = ElementTree.Element(
        "testsuite",
        name=f"{report.site}.{node}",
        timestamp=report.started,
        tests=str(len(verdicts)),
        failures=str(statuses[Status.FAIL]),
        errors=str(statuses[Status.UNKNOWN]),
        skipped=str(sum(statuses[status] for status in SKIPPED)),
    )
    suite.extend(_case(verdict) for verdict in verdicts)
    return suite


def _case(verdict: Verdict) -> ElementTree.Element:
    node, kind, subject = verdict.id.split("/", 2)
    case = ElementTree.Element(
        "testcase", classname=f"{node}.{kind}", name=_printable(subject), time=str(verdict.seconds)
    )
    tag = {Status.FAIL: "failure", Status.UNKNOWN: "error"}.get(verdict.status, "skipped")
    if verdict.status is not Status.PASS:
        outcome = ElementTree.SubElement(case, tag, message=_printable(_message(verdict)))
        outcome.text = _printable("\n".join(f"$ {command}" for command in verdict.commands))
    return case


def _message(verdict: Verdict) -> str:
    differences = (f"{d.what}: wanted {d.wanted}, found {d.found}" for d in verdict.differences)
    return verdict.reason or "; ".join(differences)


def _printable(text: str) -> str:
    """XML has no way to write most control characters, and its readers show the others."""
    return UNPRINTABLE.sub("?", text)
