"""Two plain nodes of Debian 13: their firewall holds, also when they lose power."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.live.site import ROOT, bad, fault_groups, run, running, settled, shows_exactly
from verify.lab.site import Lab

pytestmark = pytest.mark.live
SITE = ROOT / "bundles/plain-trixie"
GROUPS = fault_groups(SITE)


@pytest.fixture(scope="module")
def plain() -> Iterator[Lab]:
    """Formed and green; what runs is Debian 13 in its own words."""
    with running(SITE) as made:
        assert run(made, "node1", ". /etc/os-release && echo $ID $VERSION_ID") == "debian 13\n"
        assert not bad(settled("--active", folder=SITE))
        yield made


@pytest.mark.parametrize("name", GROUPS)
def test_faults_turn_exactly_their_checks_red(
    name: str, plain: Lab, record_property: Callable[[str, object], None]
) -> None:
    shows_exactly(plain, GROUPS[name], record_property)


def test_the_tables_of_others_outlive_a_restart(plain: Lab) -> None:
    run(plain, "node1", "nft add table inet theirs && nft add chain inet theirs kept")
    for verb in ("reload", "restart"):
        run(plain, "node1", f"systemctl {verb} nftables && nft list chain inet theirs kept")
    run(plain, "node1", "systemctl stop nftables && nft list chain inet theirs kept")
    assert plain.exec("node1", "nft list table inet stook").code == 1
    run(plain, "node1", "systemctl start nftables && nft delete table inet theirs")


def test_what_nft_refuses_is_not_loaded(plain: Lab) -> None:
    """A bundle with a broken file is taken back; the rules in the kernel are as before."""
    before = run(plain, "node1", "nft list table inet stook")
    run(
        plain,
        "node1",
        "rm -rf /root/broken && cp -r /var/lib/stook/bundle /root/broken && cd /root/broken && "
        "echo nonsense >> rootfs/etc/nftables.conf && sed -i "
        '"s,^[0-9a-f]*  rootfs/etc/nftables.conf,$(sha256sum < rootfs/etc/nftables.conf |'
        ' cut -c -64)  rootfs/etc/nftables.conf," SHA256SUMS',
    )
    done = plain.exec("node1", "/root/broken/apply", 120)
    assert done.code == 1 and "nft refuses" in done.out + done.err
    assert run(plain, "node1", "nft list table inet stook") == before
    run(plain, "node1", "systemctl stop stook-apply; rm -rf /root/broken")
    plain.deliver("node1")
    run(plain, "node1", "/root/bundle/apply", 120)
    assert not bad(settled("--active", folder=SITE))


def test_after_a_power_loss_it_is_as_before(plain: Lab) -> None:
    for node in plain.names:
        plain.kill(node)
        plain.start(node)
    assert not bad(settled("--active", "--phase", "rebooted", folder=SITE))
