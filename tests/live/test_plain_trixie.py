"""Two plain nodes of Debian 13: their firewall holds, also when they lose power."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.site import (
    ROOT,
    bad,
    fault_groups,
    run,
    running,
    settled,
    shows_exactly,
    verify,
)
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


def test_signed_reports_say_what_has_changed_from_one_to_the_next(
    plain: Lab, tmp_path: Path
) -> None:
    key, signers, reports = (tmp_path / name for name in ("key", "signers", "reports"))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    signers.write_text(f"ops@desk {key.with_suffix('.pub').read_text()}")
    options = ["--keep", str(reports), "--sign", str(key), "--signers", str(signers)]
    options += ["--controls", "nist-sp-800-53"]
    assert verify(*options, folder=SITE)["since"] is None
    late, clock = "node2/service/chrony.service", "node2/time/sources"
    run(plain, "node2", "systemctl stop chrony")
    try:
        stopped = verify("--no-wait", *options, folder=SITE)
    finally:
        run(plain, "node2", "systemctl start chrony && chronyc -n waitsync 30 0 0 1", 120)
    assert turns(stopped) == {late: "fails", clock: "other"}
    (failed,) = (one for one in stopped["verdicts"] if one["id"] == late)
    assert {"CM-7", "SC-24"} <= {*failed["controls"]}
    assert not bad(settled(folder=SITE))
    started = verify(*options, folder=SITE)
    assert turns(started) == {late: "met", clock: "met"}
    assert [one["statuses"].get("fail", 0) for one in started["since"]["runs"]] == [1, 0]
    assert not [line for line in started["not_checked"] if "earlier report" in line]


def turns(report: dict[str, Any]) -> dict[str, str]:
    """What came to something else than the last time, and how."""
    return {change["id"]: change["turn"] for change in report["since"]["changes"]}


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
