"""One healthy reference site for all tests that only need one; it is booted once.

Files are run in the order of their names; those that boot labs of their own come before
`test_site.py`, which is the first to ask for this one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.site import SITE, bad, running, settled
from verify.lab.site import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The reference site, formed and green."""
    with running(SITE) as made:
        assert not bad(settled("--active"))
        yield made


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
