"""Metrics of a run: held by promtool where it is, and everywhere by a strict reader."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promtool import promtool
from tests.unit import exposition
from tests.unit.exposition import Family
from tests.unit.reported import CASES, GREEN, NIGHT, QUIET, WAIVED, report, verdict
from verify.contract import Report, Status
from verify.report import printable
from verify.reports import load_format


def written(reports: Sequence[Report]) -> str:
    return load_format("prometheus").write(reports)


def metrics(*reports: Report) -> dict[str, Family]:
    return exposition.read(written(reports))


@pytest.mark.parametrize("case", CASES)
def test_promtool_has_nothing_to_say(case: str) -> None:
    command = [promtool(), "check", "metrics"]
    done = subprocess.run(command, input=written(CASES[case]), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("case", CASES)
def test_every_check_is_a_series(case: str) -> None:
    found = metrics(*CASES[case])["stook_check_status"]
    number = sum(len(one.verdicts) for one in CASES[case])
    assert len(found.series) == number


def test_what_a_check_came_to_is_its_value() -> None:
    found = metrics(NIGHT)["stook_check_status"]
    assert found.meaning.startswith("What a check came to: 0 pass, 1 fail, 2 unknown")
    subjects = ("zones", "zone", "package", "time", "mount", "reachability")
    named = {"package": {"subject": "a"}}
    values = [found.value(kind=kind, **named.get(kind, {})) for kind in subjects]
    assert values == [0, 1, 2, 3, 4, 5]


def test_labels_are_the_same_whatever_a_check_came_to() -> None:
    first = report(*(verdict("n1/package/a", status) for status in (Status.PASS,)))
    for status in Status:
        moved = replace(first, verdicts=(verdict("n1/package/a", status, "why"),))
        series = metrics(moved)["stook_check_status"].series
        assert series.keys() == metrics(first)["stook_check_status"].series.keys()


def test_a_site_has_its_numbers() -> None:
    found = metrics(NIGHT, QUIET)
    counted = found["stook_site_checks"]
    for status, number in zip(Status, (1, 2, 5, 1, 1, 1), strict=True):
        assert counted.value(site="shop", status=status) == number
    assert counted.value(site="blog", status="fail") == 0
    assert found["stook_site_status"].value(site="shop") == 1
    assert found["stook_site_status"].value(site="blog") == 0
    assert found["stook_site_duration_seconds"].value(site="shop") == 4
    assert found["stook_site_last_run_timestamp_seconds"].value(site="shop") == 1795316404
    assert found["stook_node_bundle_differs"].value(node="n1", site="shop") == 1
    assert found["stook_node_bundle_differs"].value(node="n1", site="blog") == 0
    assert len(found["stook_node_bundle_differs"].series) == 2, "n2 says nothing"


@pytest.mark.parametrize(
    ("one", "status"),
    [(report(), 2), (report(verdict("n1/a/b", Status.UNKNOWN)), 2), (report(GREEN), 0)],
)
def test_nothing_asked_is_no_success(one: Report, status: int) -> None:
    assert metrics(one)["stook_site_status"].value(site="shop") == status


def test_what_is_accepted_has_its_own_metrics() -> None:
    found = metrics(WAIVED)
    assert found["stook_site_accepted"].value(site="shop") == 2
    end = found["stook_accepted_until_timestamp_seconds"].value(rule="G112")
    assert end == 1830297600, "2028-01-01T00:00:00Z"


@given(st.text(), st.text())
def test_any_text_is_a_value_of_a_label(subject: str, where: str) -> None:
    waiver = replace(WAIVED.accepted[0], where=where)
    one = report(verdict(f"n1/file/{subject}", Status.FAIL), accepted=(waiver,))
    found = metrics(one)
    assert found["stook_check_status"].value(subject=printable(subject)) == 1
    assert found["stook_accepted_until_timestamp_seconds"].value(where=printable(where))


def test_two_names_that_look_alike_are_one_series_which_shows_the_worse() -> None:
    checks = (verdict("n1/file/\x07", Status.FAIL), verdict("n1/file/\\x07", Status.PASS))
    for order in (checks, checks[::-1]):
        assert metrics(report(*order))["stook_check_status"].value(kind="file") == 1
