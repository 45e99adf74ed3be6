"""Every fault of the lab turns exactly its own checks red, and is gone when it is undone.

The expected sets were written by hand into `verify/lab/faults/`; this compares whole sets, so a
check that stays green by mistake fails here as much as one that turns red by mistake.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.live.site import SITE, bad, settled, verify
from verify.kinds import KINDS
from verify.lab import faults
from verify.lab.site import Lab

pytestmark = pytest.mark.live
ALL = faults.load_all()


def levels() -> dict[str, str]:
    """Every id of the reference site, and how far its check goes."""
    found = {}
    for manifest in sorted(SITE.glob("*/manifest.json")):
        for item in json.loads(manifest.read_bytes())["expectations"]:
            found[item["id"]] = item["level"]
    return found


LEVELS = levels()


@pytest.mark.parametrize("name", ALL)
def test_a_fault_turns_exactly_its_checks_red(
    name: str, lab: Lab, record_property: Callable[[str, object], None]
) -> None:
    """Behaviour is provoked, which takes its time, for those faults that only behaviour shows."""
    fault = ALL[name]
    expected = {key: str(value) for key, value in fault.expected(LEVELS).items()}
    active = any(v == "fail" and LEVELS[key] == "behaviour" for key, v in expected.items())
    if not active:
        expected = {k: v for k, v in expected.items() if LEVELS[k] != "behaviour"}
    faults.inject(lab, fault)
    try:
        report = verify("--no-wait", *(["--active"] if active else []))
    finally:
        faults.undo(lab, fault)
    seen = {v["id"]: v["status"] for v in report["verdicts"] if v["status"] != "pass"}
    record_property("fault", (name, seen))
    surprise = {k: bad(report).get(k, "pass") for k in seen.keys() ^ expected.keys()}
    assert seen == expected, surprise
    assert not bad(settled())


def test_after_all_of_them_everything_works_as_before(lab: Lab) -> None:
    assert not bad(settled("--active"))


def test_there_are_enough_and_every_kind_is_turned_red_by_one() -> None:
    assert len(ALL) >= 20
    red = {
        key.split("/")[1]
        for fault in ALL.values()
        for key, status in fault.expected(LEVELS).items()
        if status == "fail"
    }
    used = {key.split("/")[1] for key in LEVELS}
    assert red == used == set(KINDS), (used - red, set(KINDS) - red)
