"""Whether anything was asked at all, and what was not: said at the end of a test run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from verify.contract import Status
from verify.report import printable
from verify.suite.plugin import ASKING

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

JUDGED = frozenset({Status.PASS, Status.FAIL, Status.UNKNOWN})
OUTPUT = "stook_not_checked"


class Tally:
    """A plugin of a run that was given bundles. With xdist, workers tell the controller."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.judged = self.skipped = 0
        self.not_checked: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the tests of the suite by what became of them."""
        verdict = dict(report.user_properties).get("verdict")
        if report.when == "setup" and verdict:
            self.judged += verdict in JUDGED
            self.skipped += verdict not in JUDGED

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A run that asked nothing has shown nothing: its exit code is not 0."""
        for report in self.config.stash[ASKING].reports:
            lines = (printable(f"{report.site}: {line}") for line in report.not_checked)
            self.not_checked |= dict.fromkeys(lines)
        output: dict[str, Any] | None = getattr(self.config, "workeroutput", None)
        if output is not None:
            output[OUTPUT] = list(self.not_checked)
        elif self.nothing() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker of xdist has to say."""
        output = getattr(node, "workeroutput", None) or {}
        self.not_checked |= dict.fromkeys(output.get(OUTPUT, ()))

    def nothing(self) -> str:
        """Why nothing was asked, in a sentence; empty where something was."""
        if self.judged or self.config.getoption("collectonly"):
            return ""
        if self.skipped:
            return f"Stook asked nothing: all {self.skipped} tests of the suite were skipped."
        return (
            "Stook asked nothing: no test of the suite was run. It is named by "
            "`--pyargs verify.suite`; -k, -m and options of Stook may have left out all of it."
        )

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Lines of its own after the results."""
        lines = [f"not checked: {line}" for line in self.not_checked]
        lines += [self.nothing()] if self.nothing() else []
        if lines:
            terminalreporter.section("stook")
        for line in lines:
            terminalreporter.write_line(line)
