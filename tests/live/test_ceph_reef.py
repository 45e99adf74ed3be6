"""The first cluster on Debian 13, with Ceph 18.2: as degraded as predicted, in its own words."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.live.site import ROOT, bad, run, settled
from verify.lab.site import Lab

pytestmark = pytest.mark.live
SITE = ROOT / "bundles/ceph-reef"
MON, STOR = "ceph-mon-01", "ceph-stor-01"


@pytest.fixture(scope="module")
def reef() -> Iterator[Lab]:
    made = Lab(SITE, print)
    made.up()
    try:
        yield made
    finally:
        made.down()


def test_it_is_as_degraded_as_predicted(reef: Lab) -> None:
    assert not bad(settled("--active", wait=240, folder=SITE))
    said = json.loads(run(reef, MON, "ceph --connect-timeout 5 -f json versions"))
    assert all("ceph version 18.2." in name and "reef" in name for name in said["overall"])


def test_what_it_says_is_the_platforms_own_and_no_more(reef: Lab) -> None:
    """Its managers cannot load what would make a pool: the only pool is that of the spec."""
    said = json.loads(run(reef, MON, "ceph --connect-timeout 5 -f json health"))
    shown = set(said["checks"]) - {"MON_DISK_LOW"}
    assert shown == {"MGR_MODULE_DEPENDENCY", "PG_DEGRADED", "TOO_FEW_OSDS"}
    pools = json.loads(run(reef, MON, "ceph --connect-timeout 5 -f json osd pool ls"))
    assert pools == ["rbd"]
