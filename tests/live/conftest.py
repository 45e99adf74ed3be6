"""The order in which live tests are run, and what they tell at the end.

Virtual machines run beside them, for as long as the processor lets them. So what mostly waits comes
first: first boots, then the reference site; what computes, like a cluster's daemons, comes last.
"""

from __future__ import annotations

import pytest

FIRST = "test_first_boots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first boots first; files are in the order of their names otherwise."""
    items.sort(key=lambda item: item.path.stem != FIRST)


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
