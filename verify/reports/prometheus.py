"""node_exporter's text format: a gauge for each check, and some for each site.

What changes from run to run is a value and never a label, so that a series goes on as long as the
spec names its subject. Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from verify.contract import Report, Status
from verify.controls import outcomes
from verify.report import exit_code, printable, runs

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, int | float]

CODES = {status: number for number, status in enumerate(Status)}
SITE_CODES = {0: 0, 1: CODES[Status.FAIL], 3: CODES[Status.UNKNOWN]}
"""The same numbers for what a run of the command ends with."""
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def write(reports: Sequence[Report]) -> str:
    """All samples of a gauge follow its two comments, as the format has it."""
    return "".join(f"{line}\n" for name in GAUGES for line in _family(name, reports))


def _family(name: str, reports: Iterable[Report]) -> Iterator[str]:
    meaning, samples = GAUGES[name]
    series: dict[str, int | float] = {}
    for labels, value in (sample for report in reports for sample in samples(report)):
        key = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
        # a name twice would have the whole file refused, and the worse of the two is shown
        series[key] = max(value, series.get(key, value))
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
    yield from (f"{name}{{{key}}} {value}" for key, value in series.items())


def _escaped(text: str) -> str:
    return printable(text).translate(ESCAPES)


def _checks(report: Report) -> Iterator[Sample]:
    for verdict in report.verdicts:
        node, kind, subject = verdict.id.split("/", 2)
        labels = {"site": report.site, "node": node, "kind": kind, "subject": subject}
        labels |= {"component": verdict.component, "level": verdict.level}
        yield (*labels.items(), ("severity", verdict.severity)), CODES[verdict.status]


def _counts(report: Report) -> Iterator[Sample]:
    statuses = Counter(verdict.status for verdict in report.verdicts)
    for status in Status:
        yield (("site", report.site), ("status", status)), statuses[status]


def _nodes(report: Report) -> Iterator[Sample]:
    for node, bundle in report.bundles.items():
        if running := runs(report, node):
            yield (("site", report.site), ("node", node)), int(running != bundle)


def _accepted(report: Report) -> Iterator[Sample]:
    for item in report.accepted:
        labels = {"site": report.site, "rule": item.rule, "where": item.where}
        end = datetime.combine(date.fromisoformat(item.until) + timedelta(1), time(), UTC)
        yield tuple(labels.items()), int(end.timestamp())


def _controls(report: Report) -> Iterator[Sample]:
    for one in outcomes(report):
        labels = {"site": report.site, "catalogue": one.control.catalogue}
        yield (*labels.items(), ("control", one.control.id)), CODES[one.status]


def _information(report: Report) -> Iterator[Sample]:
    labels = {"site": report.site, "target": report.target, "phase": report.phase}
    yield (*labels.items(), ("spec_digest", report.spec_digest), ("tool", report.tool)), 1


def _site(value: Callable[[Report], int | float]) -> Callable[[Report], Iterator[Sample]]:
    """One number of each site."""

    def samples(report: Report) -> Iterator[Sample]:
        yield (("site", report.site),), value(report)

    return samples


def _second(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


_MEANING = ", ".join(f"{number} {status}" for status, number in CODES.items())
GAUGES: Mapping[str, tuple[str, Callable[[Report], Iterable[Sample]]]] = {
    "stook_check_status": (f"What a check came to: {_MEANING}.", _checks),
    "stook_site_status": (
        "What a site came to: 0 all that was asked passes, 1 something fails, "
        "2 something is unknown or nothing was asked.",
        _site(lambda report: SITE_CODES[exit_code([report])]),
    ),
    "stook_site_checks": ("How many checks of a site came to what.", _counts),
    "stook_site_not_checked": (
        "How many reasons a run gives for what it did not check.",
        _site(lambda report: len(report.not_checked)),
    ),
    "stook_site_accepted": (
        "How many deviations are accepted in the spec of a site.",
        _site(lambda report: len(report.accepted)),
    ),
    "stook_accepted_until_timestamp_seconds": (
        "When the last day of an accepted deviation ends, in UTC.",
        _accepted,
    ),
    "stook_site_last_run_timestamp_seconds": (
        "When the last run ended.",
        _site(lambda report: _second(report.finished)),
    ),
    "stook_site_duration_seconds": (
        "How long the last run took.",
        _site(lambda report: _second(report.finished) - _second(report.started)),
    ),
    "stook_control_status": (
        f"What a control of a catalogue came to: {_MEANING}.",
        _controls,
    ),
    "stook_node_bundle_differs": (
        "Whether a node says that it runs another bundle than is verified; "
        "absent where it says nothing.",
        _nodes,
    ),
    "stook_report_info": (
        "What the last run was held against, and by which release.",
        _information,
    ),
}
