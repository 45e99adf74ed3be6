"""JUnit for build servers: one suite per node, and the evidence of each check.

The order of elements is that of Jenkins's schema, which the others read, too:
https://github.com/jenkinsci/xunit-plugin, "junit-10.xsd".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree

from verify.contract import Report, Status, Verdict
from verify.controls import outcomes, wording
from verify.report import SKIPPED, UNPRINTABLE, accepted, observed, runs


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
        time=str(round(sum(verdict.seconds for verdict in verdicts), 3)),
    )
    suite.append(_properties(_run(report, node)))
    suite.extend(_case(report, verdict) for verdict in verdicts)
    _add(suite, "system-out", "\n".join(_beside(report)))
    return suite


def _run(report: Report, node: str) -> Mapping[str, str]:
    """What a verdict is worth hangs on who asked, and which bundle it is held against."""
    return {
        "target": report.target,
        "runner": report.runner,
        "phase": report.phase,
        "finished": report.finished,
        "tool": report.tool,
        "spec_digest": report.spec_digest,
        "bundle_digest": report.bundles[node],
        "node_runs": runs(report, node) or "says nothing",
    }


def _beside(report: Report) -> Iterator[str]:
    yield from (
        f"control {one.control.id}: {one.status}, {wording(one)}" for one in outcomes(report)
    )
    yield from (f"accepted: {accepted(item)}" for item in report.accepted)
    yield from (f"not checked: {text}" for text in report.not_checked)


def _case(report: Report, verdict: Verdict) -> ElementTree.Element:
    node, kind, subject = verdict.id.split("/", 2)
    case = ElementTree.Element(
        "testcase",
        classname=_printable(f"{report.site}.{node}.{kind}"),
        name=_printable(subject),
        time=str(verdict.seconds),
    )
    claim = {"spec": verdict.spec, "component": verdict.component}
    properties = _properties({**claim, "level": verdict.level, "severity": verdict.severity})
    for control in verdict.controls:
        _add(properties, "property", name="control", value=_printable(control))
    case.append(properties)
    commands = "\n".join(f"$ {command}" for command in verdict.commands)
    tag = {Status.FAIL: "failure", Status.UNKNOWN: "error"}.get(verdict.status, "skipped")
    if verdict.status is not Status.PASS:
        _add(case, tag, commands, message=_printable(_message(verdict)), type=verdict.status)
    _add(case, "system-out", f"{commands}\nobserved: {observed(verdict)}")
    return case


def _properties(values: Mapping[str, str]) -> ElementTree.Element:
    properties = ElementTree.Element("properties")
    for name, value in values.items():
        _add(properties, "property", name=name, value=_printable(value))
    return properties


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, attributes).text = _printable(text) or None


def _message(verdict: Verdict) -> str:
    differences = (f"{d.what}: wanted {d.wanted}, found {d.found}" for d in verdict.differences)
    return verdict.reason or "; ".join(differences)


def _printable(text: str) -> str:
    """XML has no way to write most control characters, and its readers show the others."""
    return UNPRINTABLE.sub("?", text)
