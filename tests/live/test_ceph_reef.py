"""The first cluster on Debian 13, with Ceph 18.2: as degraded as predicted, in its own words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.live.cluster import ASK, MON, booted, calm, facts, grow, lose_power, states, stop_one
from tests.live.site import bad, run, settled, shows_exactly, until
from verify.lab import faults
from verify.lab.site import Lab

pytestmark = pytest.mark.live
# What could look different in this release; the others ask the same files and units.
SHOWN = (
    "ceph-mgr-stopped",
    "ceph-osd-stopped",
    "ceph-pool-size-two",
    "ceph-set-in-database",
)


@pytest.fixture(scope="module")
def reef(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with booted("ceph-reef", tmp_path_factory.mktemp("ceph-reef")) as lab:
        yield lab


def test_it_is_as_degraded_as_predicted(reef: Lab) -> None:
    assert not bad(settled("--active", wait=240, folder=reef.folder))
    said = json.loads(run(reef, MON, f"{ASK} versions"))
    assert all("ceph version 18.2." in name and "reef" in name for name in said["overall"])


def test_what_it_says_is_the_platforms_own_and_no_more(reef: Lab) -> None:
    """Its managers cannot load what would make a pool: the only pool is that of the spec."""
    said = json.loads(run(reef, MON, f"{ASK} health"))
    shown = set(said["checks"]) - set(facts(reef)["facts"]["ceph"]["health"]["may"])
    assert shown == {"MGR_MODULE_DEPENDENCY", "PG_DEGRADED", "TOO_FEW_OSDS"}
    assert json.loads(run(reef, MON, f"{ASK} osd pool ls")) == ["rbd"]


@pytest.mark.parametrize("name", SHOWN)
def test_a_fault_turns_exactly_its_checks_red(
    name: str, reef: Lab, record_property: Callable[[str, object], None]
) -> None:
    fault = replace(faults.load_all()[name], name=f"{name} on 18.2")
    shows_exactly(reef, (fault,), record_property, lambda: calm(reef))


def test_a_third_osd_makes_it_clean(reef: Lab) -> None:
    stop_one(reef)
    grow(reef, "ceph-reef")
    until(lambda: states(reef) == {"active+clean"}, 90, "all is clean")
    assert not bad(settled("--active", folder=reef.folder))
    stop_one(reef)


def test_what_is_killed_or_loses_power_comes_back(reef: Lab) -> None:
    lose_power(reef)
