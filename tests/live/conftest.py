"""The lanes of the live tests, and what they tell at the end.

Tests of one lane share machines and run one after the other; lanes run side by side, each in labs
of its own. What takes longest begins first; the others share what is left of the processor.
"""

from __future__ import annotations

import pytest

FIRST = ("machine", "reference", "first_boots", "ceph_three", "ceph", "ceph_reef")


def lane(item: pytest.Item) -> str:
    """The lane of a test: the reference site's, that of the virtual machines, or its file's."""
    if item.path.parent.name == "reference":
        return "reference"
    name = item.path.stem.removeprefix("test_")
    return "machine" if name.startswith("machine") else name


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its lane, and put the long lanes first."""
    order = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(lane(item), len(order)))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(lane(item)))


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
