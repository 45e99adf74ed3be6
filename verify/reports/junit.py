"""JUnit for build servers: one suite per node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree

from verify.contract import Report, Status, Verdict
from verify.report import SKIPPED, UNPRINTABLE


def write(reports: Sequence[Report]) -> str:
    """Unknown is an error, and what nobody could ask here is skipped."""
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
