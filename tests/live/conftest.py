"""The lanes of the live tests, and what they tell at the end.

Tests of one lane share machines and run one after the other; lanes run side by side, each in labs
of its own. What takes longest begins first; the others share what is left of the processor.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

FIRST = ("machine", "reference", "first_boots", "ceph_three", "ceph", "ceph_reef")


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of faults and what each did to the checks, as this run has seen it."""
    reports = [r for how in ("passed", "failed") for r in terminalreporter.getreports(how)]
    seen = {
        name: found
        for report in reports
        for key, (name, found) in getattr(report, "user_properties", ())
        if key == "fault"
    }
    if seen:
        terminalreporter.section("faults and the checks that noticed")
    for name, found in sorted(seen.items()):
        for status in sorted(set(found.values())):
            ids = " ".join(sorted(key for key, value in found.items() if value == status))
            terminalreporter.write_line(f"{name:28} {status:8} {ids}")
