"""The line and the exit code of a monitoring plugin, and those of a run that did not come about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.reported import BLIND, CASES, GREEN, MINOR, NIGHT, QUIET, report, verdict
from tests.unit.test_verify_cli import programs as programs  # the same stand-ins
from tests.unit.test_verify_cli import run, written
from tests.unit.verify_site import package
from verify import engine
from verify.cli import verify
from verify.contract import Report, Severity, Status
from verify.reports import code_of, load_format

LINE = re.compile(r"STOOK (OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]+) \| ([^|\n]+)\n")
# 'label'=value[UOM];[warn];[crit];[min];[max], as the guidelines have it
PAIR = re.compile(r"[^\s='|]+=\d+(s?);\d*;\d*;\d*(;\d+)?")
CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}


def line(reports: Sequence[Report]) -> str:
    return load_format("nagios").write(reports)


@pytest.mark.parametrize("case", CASES)
def test_one_line_whose_state_is_the_exit_code(case: str) -> None:
    found = LINE.fullmatch(line(CASES[case]))
    assert found and CODES[found[1]] == code_of("nagios", CASES[case])
    assert all(PAIR.fullmatch(pair) for pair in found[3].split(" "))
    assert len(line(CASES[case])) < 1024, "what NRPE carries"


@pytest.mark.parametrize(
    ("reports", "code"),
    [
        ([QUIET], 0),
        ([report(GREEN, MINOR)], 1),
        ([report(GREEN, replace(MINOR, severity=Severity.INFO))], 1),
        ([report(GREEN, MINOR, verdict("n1/a/b", Status.UNKNOWN))], 1),
        ([NIGHT], 2),
        ([report(MINOR, verdict("n1/a/b", Status.FAIL))], 2),
        ([QUIET, NIGHT], 2),
        ([BLIND], 3),
        ([report()], 3),
        ([QUIET, report()], 3),
    ],
)
def test_exit_codes(reports: Sequence[Report], code: int) -> None:
    assert code_of("nagios", reports) == code


def test_the_worst_is_named_first() -> None:
    text = line([report(MINOR, verdict("n1/zone/world", Status.FAIL), GREEN)])
    assert text.startswith(
        "STOOK CRITICAL - shop: 2 fail, 1 pass: n1/zone/world, n1/time/sources | shop_pass=1;;;0;3 "
    )
    assert "NOTHING WAS ASKED of shop" in line([QUIET, report()])


def test_a_bar_in_a_name_begins_no_performance_data() -> None:
    text = line([report(verdict("n1/file/a|<b>", Status.FAIL))])
    assert "n1/file/a\\x7c\\x3cb\\x3e" in text and text.count("|") == 1


def test_the_command_ends_as_a_plugin_does(programs: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", package("n1", "absent"))
    done = run(folder, "--node", "n1", "--format", "nagios")
    assert done.exit_code == 2
    assert done.output.startswith("STOOK CRITICAL - demo: 1 fail: n1/package/absent | demo_pass=0")


@pytest.mark.parametrize(
    "words",
    [
        ("nowhere", "--format", "nagios"),
        ("--format=nagios",),
        (".", "--format", "nagios"),
        (".", "--format", "nagios", "--target", "foo"),
        (".", "--phase", "later", "--format", "nagios"),
        (".", "--format", "nagios", "--no-such-option"),
    ],
)
def test_a_mistake_of_the_caller_is_unknown(
    words: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(verify, words)
    assert done.exit_code == 3
    assert re.fullmatch(r"STOOK UNKNOWN - [^|\n]+\n", done.stdout), done.output


def test_a_bug_of_ours_is_unknown_and_keeps_its_trace(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(engine, "run", broken)
    folder = written(tmp_path / "demo", package("n1", "there"))
    done = run(folder, "--format", "nagios")
    assert (done.exit_code, done.stdout) == (3, "STOOK UNKNOWN - RuntimeError: no such luck\n")
    assert "Traceback" in done.stderr
    assert isinstance(run(folder).exception, RuntimeError)
