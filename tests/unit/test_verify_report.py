"""Reports against golden files, and the exit code that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from verify.contract import Difference, Level, Phase, Report, Severity, Status, Verdict
from verify.report import as_json, as_junit, as_text, exit_code

GOLDEN = Path(__file__).parent / "verify_report"


def verdict(key: str, status: Status, reason: str = "", *differences: Difference) -> Verdict:
    """A verdict with the usual evidence."""
    typed = "# ceph -f json osd dump\npython3 -c 'import rados'"
    plain = ("firewall-cmd --list-all", "[cluster] printf '\x07'\nsecond line")
    commands = (*plain, typed, f"[n2] {typed}")
    where = (key, "base", "networks", Level.STATE, Severity.ERROR)
    return Verdict(*where, status, reason, differences, {}, commands)


def report(*verdicts: Verdict, stamps: dict[str, object] | None = None) -> Report:
    """A run that looked at two nodes."""
    return Report(
        site="shop",
        target="ssh",
        runner="ops@desk",
        started="2026-11-22T03:00:00+00:00",
        finished="2026-11-22T03:00:04+00:00",
        phase=Phase.STEADY,
        spec_digest="5" * 64,
        bundles={"n1": "a" * 64, "n2": "b" * 64},
        stamps=stamps or {"n1": {"bundle": "a" * 64}, "n2": None},
        verdicts=verdicts,
        not_checked=("4 checks that act on the nodes (--active asks them)",),
    )


PORT = Difference("runtime port", "nothing else", "9999/tcp")
MODE = Difference("mode", "0644", "0600 & <odd>\x1b[31m")
NIGHT = report(
    verdict("n1/file/etc/x.conf", Status.FAIL, "", MODE),
    verdict("n1/zone/world", Status.FAIL, "", PORT, MODE),
    verdict("n1/zones/beyond", Status.PASS),
    verdict("n1/time/sources", Status.BLOCKED, "needs n1/service/chrony.service (fail)"),
    verdict("n1/mount/srv", Status.PENDING, "due when rebooted"),
    verdict("n1/reachability/22-tcp", Status.ELSEWHERE, "asked from outside"),
    *(verdict(f"n2/package/{n}", Status.UNKNOWN, "n2 cannot be asked: timed out") for n in "abcde"),
    stamps={"n1": {"bundle": "c" * 64}, "n2": None},
)
FORMS = {"night.txt": as_text, "night.json": as_json, "night.xml": as_junit}


@pytest.mark.parametrize("name", FORMS)
def test_golden(name: str, update: bool) -> None:
    found = FORMS[name]([NIGHT])
    path = GOLDEN / name
    if update:
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_the_stamp_comes_first_and_a_shared_reason_once() -> None:
    lines = as_text([NIGHT]).splitlines()
    assert lines[1] == f"n1 runs bundle {'c' * 12}, you verify {'a' * 12}"
    assert as_text([NIGHT]).count("n2 cannot be asked: timed out") == 1


def test_junit_is_xml_and_counts() -> None:
    suites = ElementTree.fromstring(as_junit([NIGHT]).encode())
    first, second = suites
    assert [first.get(key) for key in ("tests", "failures", "errors", "skipped")] == list("6203")
    assert [second.get(key) for key in ("tests", "failures", "errors", "skipped")] == list("5050")


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
    assert "NOTHING WAS ASKED" in as_text([report()])


def test_several_reports_are_a_list() -> None:
    assert as_json([report(), report()]).startswith("[\n")
