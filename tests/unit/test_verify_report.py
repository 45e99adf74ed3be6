"""Reports against golden files, and the exit code that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.reported import CASES, NIGHT, report, verdict
from verify.contract import Report, Status
from verify.report import exit_code
from verify.reports import FORMATS, code_of, load_format

GOLDEN = Path(__file__).parent / "verify_report"


def golden(case: str, form: str) -> Path:
    """The file of a case in a format, with the code that the command ends with."""
    return GOLDEN / f"{case}.{code_of(form, CASES[case])}.{form}"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, form: str, update: bool) -> None:
    written, path = load_format(form).write(CASES[case]), golden(case, form)
    if update:
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {*GOLDEN.iterdir()} == {golden(case, form) for case in CASES for form in FORMATS}


def text(*reports: Report) -> str:
    return load_format("text").write(reports)


def test_the_stamp_comes_first_and_a_shared_reason_once() -> None:
    lines = text(NIGHT).splitlines()
    assert lines[1] == f"n1 runs bundle {'c' * 12}, you verify {'a' * 12}"
    assert text(NIGHT).count("n2 cannot be asked: timed out") == 1


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([Status.PASS], 0),
        ([Status.PASS, Status.PENDING], 0),
        ([Status.PASS, Status.UNKNOWN], 3),
        ([Status.PASS, Status.UNKNOWN, Status.FAIL], 1),
        ([Status.FAIL, Status.BLOCKED], 1),
        ([Status.PENDING], 3),
        ([], 3),
    ],
)
def test_exit_codes(statuses: Sequence[Status], code: int) -> None:
    one = report(*(verdict(f"n1/package/{i}", s) for i, s in enumerate(statuses)))
    assert exit_code([one]) == code
    assert exit_code([report(verdict("n1/package/a", Status.PASS)), one]) == code or code == 3


def test_nothing_asked_is_said() -> None:
    assert "NOTHING WAS ASKED" in text(report())
