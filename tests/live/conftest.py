"""The lanes of the live tests, and what they tell at the end.

Tests of one lane share machines and run one after the other; lanes run side by side, each in labs
of its own. What takes longest begins first; the others share what is left of the processor.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests import pace

FIRST = (
    *("machine", "reference", "ceph", "plain_trixie", "ceph_reef", "outcomes"),
    *("first_boots", "ceph_three", "ceph_classes", "leaving", "proxied"),
)
# Lines of what failed that are shown at once; all of them are at the end.
LAST = 40


class Lanes(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Sends all tests of one lane to the same worker."""

    def _split_scope(self, nodeid: str) -> str:
        return lane(nodeid)


def lane(nodeid: str) -> str:
    """The lane of a test: the reference site's, that of the virtual machines, or its file's."""
    file = Path(nodeid.split("::")[0])
    if file.parent.name == "reference":
        return "reference"
    name = file.stem.removeprefix("test_")
    return "machine" if name.startswith("machine") else name


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Lanes:
    """Lanes in place of what `--dist` says."""
    return Lanes(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long lanes first."""
    order = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(lane(item.nodeid), len(order)))


def pytest_configure(config: pytest.Config) -> None:
    """Measure before any lane begins."""
    if not hasattr(config, "workerinput") and pace.VARIABLE not in os.environ:
        pace.lanes(config.getoption("numprocesses", None) or 1)


def pytest_report_header() -> str:
    """By how much limits are stretched."""
    return f"time limits: {pace.pace():.1f} times those of a quiet machine"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note with each test how much of its limits it has needed."""
    item.user_properties += [("limit", use) for use in pace.take()]
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say at once what failed: whoever waits for the end, or is stopped before, would not know."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        lines = report.longreprtext.splitlines()
        print("", *lines[-LAST:], sep="\n", file=sys.__stdout__, flush=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Faults and what each did to the checks, and limits that were nearly too short."""
    reports = [r for how in ("passed", "failed") for r in terminalreporter.getreports(how)]
    _faults(terminalreporter, reports)
    _limits(terminalreporter, reports)


def _faults(terminalreporter: pytest.TerminalReporter, reports: list[pytest.TestReport]) -> None:
    seen = dict(_properties(reports, "fault"))
    if seen:
        terminalreporter.section("faults and the checks that noticed")
    for name, found in sorted(seen.items()):
        for status in sorted(set(found.values())):
            ids = " ".join(sorted(key for key, value in found.items() if value == status))
            terminalreporter.write_line(f"{name:28} {status:8} {ids}")


def _limits(terminalreporter: pytest.TerminalReporter, reports: list[pytest.TestReport]) -> None:
    uses = [(what, took, allowed) for what, took, allowed in _properties(reports, "limit")]
    near = sorted({use for use in uses if use[1] > pace.NEARLY * use[2]})
    terminalreporter.section(f"limits of which more than {pace.NEARLY:.0%} was needed")
    for what, took, allowed in near:
        terminalreporter.write_line(f"{took:6.1f} of {allowed:6.1f} s  {what}")
    terminalreporter.write_line(f"{len(near)} of {len(uses)}, at a pace of {pace.pace():.1f}")


def _properties(reports: list[pytest.TestReport], wanted: str) -> list[Any]:
    """What tests have noted under a key; a report of a later phase repeats those before it."""
    last = {report.nodeid: report for report in reports if hasattr(report, "user_properties")}
    found = (item for report in last.values() for item in report.user_properties)
    return [value for key, value in found if key == wanted]
