"""The order in which live tests are run, and what they tell at the end.

Virtual machines run beside them, with what they leave of the processor. So what often waits comes
first: first boots, then Ceph's clusters. The faults of the reference site compute all the time.
"""

from __future__ import annotations

import pytest

FIRST = ("test_first_boots", "test_ceph", "test_ceph_reef", "test_ceph_three")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those first; files are in the order of their names otherwise."""
    order = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


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
