"""First boots that do not go as planned: nothing preinstalled, packages missing, no seed, too late.

One lab, on the bare image with a package repository of the lab's, of nodes that fetch their bundle:
node 1 boots before there is anything to fetch, node 2 gets no user-data and its bundle by hand,
node 3 comes five minutes late.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.site import SITE, bad, build, mounted, run, settled, until
from tests.pace import pace
from verify.lab.site import Lab
from verify.lab.topology import CLIENT, outside

pytestmark = pytest.mark.live
ONE, TWO, THREE = "node-gfs1", "node-gfs2", "node-gfs3"
LATE = 300
PORT = 8000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference site, with nodes that fetch their bundle from the machine outside."""
    folder = tmp_path_factory.mktemp("fetching")
    spec = (SITE / "site.yaml").read_text()
    server = f"http://{outside(CLIENT)[0]}:{PORT}"
    build(folder, f"fetch: {server}\n{spec}")
    return folder


def serve(lab: Lab, site: Path) -> None:
    """Copy the archives to the machine outside, as to any static file server."""
    for archive in site.glob("*/bundle.tar.gz"):
        place = f"/srv/site/{archive.parent.name}"
        text = base64.b64encode(archive.read_bytes()).decode()
        words = f"mkdir -p {place}; echo {text} | base64 -d >{place}/bundle.tar.gz"
        assert lab.outside(words).code == 0
    serve = f"nohup python3 -m http.server {PORT} --directory /srv/site >/dev/null 2>&1 &"
    assert lab.outside(serve).code == 0


@pytest.fixture(scope="module")
def lab(site: Path) -> Iterator[Lab]:
    made = Lab(site, print, pace=pace())
    try:
        yield made
    finally:
        made.down()


@pytest.fixture(scope="module")
def begun() -> float:
    """When the first of them was started, in seconds of the monotonic clock."""
    return time.monotonic()


def test_two_nodes_wait_for_the_third(lab: Lab, site: Path, begun: float) -> None:
    lab.up(late=[ONE, THREE], seedless=[TWO], bare=True)
    lab.start(ONE)
    asked = "journalctl -u stook-fetch.service --no-pager"
    until(lambda: "cannot be had" in lab.exec(ONE, asked).out, 60, "node 1 asks for its bundle")
    serve(lab, site)
    lab.wait_booted([ONE])
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


def test_a_package_failure_at_first_boot_repairs_itself(lab: Lab) -> None:
    """As at a first boot without a mirror: no package, no stamp, and then a mirror again."""
    run(
        lab,
        TWO,
        "systemctl stop chrony; apt-get purge -qq -y chrony >/dev/null; apt-get clean",
        120,
    )
    run(lab, TWO, "mv /srv/packages /srv/gone")
    run(lab, TWO, "rm -f /var/lib/stook/stamp; systemctl start --no-block stook-apply")
    until(
        lambda: "cannot be had now: chrony" in lab.exec(TWO, "journalctl -u stook-apply").out,
        180,
        "apply says what it cannot have",
    )
    assert lab.exec(TWO, "test -e /var/lib/stook/stamp").code != 0
    run(lab, TWO, "mv /srv/gone /srv/packages")
    took = until(
        lambda: lab.exec(TWO, "test -e /var/lib/stook/stamp").code == 0,
        240,
        "apply finishes by itself",
    )
    print(f"repaired by itself {took:.0f} s after packages could be had again")


def test_the_site_forms_when_the_third_comes_late(lab: Lab, site: Path, begun: float) -> None:
    time.sleep(max(0, LATE - (time.monotonic() - begun)))
    lab.start(THREE)
    lab.wait_booted([THREE], 400)
    print(f"node 3 joined after {time.monotonic() - begun:.0f} s")
    for node in lab.names:
        until(lambda node=node: mounted(lab, node), 180, f"{node} mounts")  # type: ignore[misc]
    assert not bad(settled("--active", wait=180, folder=site))
