"""First boots that do not go as planned: nothing preinstalled, packages missing, no seed, too late.

One lab, on the bare image with a package repository of the lab's: node 1 boots while packages
cannot be had, node 2 gets no user-data and its bundle by hand, node 3 comes five minutes late.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.live.site import SITE, bad, mounted, run, settled, until
from verify.lab.site import Lab

pytestmark = pytest.mark.live
ONE, TWO, THREE = "node-gfs1", "node-gfs2", "node-gfs3"
LATE = 300


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    made = Lab(SITE, print)
    try:
        yield made
    finally:
        made.down()


def test_the_site_comes_up_all_the_same(lab: Lab) -> None:
    begun = time.monotonic()
    lab.up(late=[THREE], seedless=[TWO], bare=True)
    print(f"node 1 up from the bare image after {time.monotonic() - begun:.0f} s")

    # by hand on a node that had no user-data, with what an admin has: the folder and a shell
    lab.deliver(TWO)
    run(lab, TWO, "/root/bundle/apply", 600)
    run(lab, TWO, "rm -rf /root/bundle")
    for node in (ONE, TWO):
        assert not mounted(lab, node), "a volume of three nodes cannot be there with two"

    # the first node waits, and says in its journal for whom
    said = run(lab, ONE, "journalctl -u stook-gluster-form.service --no-pager")
    assert THREE in said

    time.sleep(max(0, LATE - (time.monotonic() - begun)))
    lab.start(THREE)
    lab.wait_booted([THREE], 400)
    print(f"node 3 joined after {time.monotonic() - begun:.0f} s")
    for node in lab.names:
        until(lambda node=node: mounted(lab, node), 180, f"{node} mounts")  # type: ignore[misc]
    assert not bad(settled("--active", wait=180))


def test_a_package_failure_at_first_boot_repairs_itself(lab: Lab) -> None:
    """As at a first boot without a mirror: no package, no stamp, and then a mirror again."""
    run(
        lab,
        THREE,
        "systemctl stop chrony; apt-get purge -qq -y chrony >/dev/null; apt-get clean",
        120,
    )
    run(lab, THREE, "mv /srv/packages /srv/gone")
    run(lab, THREE, "rm -f /var/lib/stook/stamp; systemctl start --no-block stook-apply")
    until(
        lambda: "cannot be had now: chrony" in lab.exec(THREE, "journalctl -u stook-apply").out,
        180,
        "apply says what it cannot have",
    )
    assert lab.exec(THREE, "test -e /var/lib/stook/stamp").code != 0
    run(lab, THREE, "mv /srv/gone /srv/packages")
    took = until(
        lambda: lab.exec(THREE, "test -e /var/lib/stook/stamp").code == 0,
        240,
        "apply finishes by itself",
    )
    print(f"repaired by itself {took:.0f} s after packages could be had again")
    assert not bad(settled())
