"""JUnit with its evidence, in the order that build servers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from tests.unit.reported import CASES, CONTROLLED, GREEN, NIGHT, QUIET, WAIVED, report, verdict
from verify.contract import Report, Status
from verify.report import MOST_OBSERVED
from verify.reports import load_format


def root(reports: Sequence[Report]) -> Element:
    return ElementTree.fromstring(load_format("junit").write(reports).encode())


def properties(element: Element) -> dict[str, str]:
    found = element.findall("./properties/property")
    return {one.attrib["name"]: one.attrib["value"] for one in found}


@pytest.mark.parametrize("case", CASES)
def test_every_check_is_a_case_with_its_evidence(case: str) -> None:
    number = 0
    for suite in root(CASES[case]):
        assert [one.tag for one in suite if one.tag != "testcase"] == ["properties", "system-out"]
        for one in suite.iter("testcase"):
            number += 1
            outcome = [child.tag for child in one]
            assert outcome[0] == "properties" and outcome[-1] == "system-out"
            assert outcome[1:-1] in ([], ["failure"], ["error"], ["skipped"])
            known = {"spec", "component", "level", "severity"}
            assert known <= set(properties(one)) <= known | {"control"}
            assert "observed: " in (one.findtext("system-out") or "")
    assert number == sum(len(one.verdicts) for one in CASES[case])


def test_the_command_and_what_was_observed_are_there() -> None:
    (suite, _) = root([QUIET])
    case = suite.find("testcase")
    assert case is not None
    out = case.findtext("system-out") or ""
    assert "$ firewall-cmd --list-all\n" in out
    assert out.endswith('observed: {"state": "installed", "version": "1.0"}')


def test_a_suite_says_what_it_was_held_against_and_what_was_not_asked() -> None:
    first, second = root([NIGHT])
    assert properties(first)["bundle_digest"] == "a" * 64
    assert properties(first)["node_runs"] == "c" * 64
    assert properties(second)["node_runs"] == "says nothing"
    assert properties(first)["spec_digest"] == "5" * 64
    said = "not checked: 4 checks that act on the nodes (--active asks them)"
    assert all(suite.findtext("system-out") == said for suite in (first, second))
    (first, _) = root([WAIVED])
    lines = (first.findtext("system-out") or "").splitlines()
    assert lines[1] == (
        "accepted: C01 at ceph.pools.rbd until 2027-03-31: third OSD is ordered (ops, OPS-12)"
    )


def test_a_case_has_its_controls_and_a_suite_what_they_came_to() -> None:
    (first, _) = root([CONTROLLED])
    case = next(one for one in first.iter("testcase") if one.get("name") == "world")
    values = [one.get("value") for one in case.findall("./properties/property[@name='control']")]
    assert values == ["SC-7", "SC-7(5)"]
    lines = (first.findtext("system-out") or "").splitlines()
    assert "control SC-7: fail, 1 pass, 1 fail, 2 not asked (the boundary)" in lines


def test_cases_of_two_sites_have_names_of_their_own() -> None:
    other = replace(NIGHT, site="blog")
    cases = [(c.get("classname"), c.get("name")) for c in root([NIGHT, other]).iter("testcase")]
    assert len(set(cases)) == len(cases) == 2 * len(NIGHT.verdicts)
    assert ("shop.n1.file", "etc/x.conf") in cases


def test_a_suite_counts() -> None:
    first, second = root([NIGHT])
    assert [first.get(key) for key in ("tests", "failures", "errors", "skipped")] == list("6203")
    assert [second.get(key) for key in ("tests", "failures", "errors", "skipped")] == list("5050")


def test_a_long_answer_is_cut_and_says_so() -> None:
    long = replace(GREEN, observed="x" * 1_000_000)
    text = load_format("junit").write([report(long, verdict("n1/a/b", Status.PASS))])
    assert len(text) < 2 * MOST_OBSERVED
    assert "… (1000002 characters)" in text
