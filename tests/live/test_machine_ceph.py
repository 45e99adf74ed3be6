"""OSDs that have a device each for themselves, on a real machine: containers have no LVM.

The tests are one story and run in this order on one machine. Its secrets are on its disk before it
is first on, as an admin's image would have them; all else comes from the NoCloud volume.
"""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.live.machine import GATEWAY, GIB, KEYS, Admin, assembled
from tests.live.site import bad, statuses
from verify.lab.vm.machine import Machine
from verify.lab.vm.world import World

pytestmark = [pytest.mark.live, pytest.mark.vm]
SPEC = Path(__file__).parent / "vm/ceph.yaml"
NODE = "ceph-one"
DISKS = {"osd0": 3 * GIB, "osd1": 3 * GIB, "kept": GIB // 16}
MEMORY = 2048
NAMES = "/dev/disk/by-id/virtio-osd"
OSDS = ("*/ceph_*", "*/service/ceph-osd@*")
RED = {f"{NODE}/ceph_device/osd.{number}": "fail" for number in (0, 1)}
GONE = {f"{NODE}/service/ceph-osd@1.service": "fail"} | {
    f"{NODE}/{kind}/osd.1": "blocked" for kind in ("ceph_osd", "ceph_config", "ceph_device")
}
# Verification of what is still forming costs an emulated processor more than it tells.
FORMED = "until systemctl is-active --quiet stook-ceph.service; do sleep 2; done"
BEYOND = "      - {device: /dev/disk/by-id/virtio-osd1, id: 1}\n"
KEPT = "/dev/disk/by-id/virtio-kept"


def again(
    machine: Machine, world: World, admin: Admin, cables: Mapping[str, str] | None = None
) -> None:
    """Shut it down and boot it again, until `ops` gets in."""
    before = admin.boot_id(world)
    admin.try_ssh(world, "systemctl poweroff")
    machine.wait_off(300)
    machine.start(cables)
    print(f"boot: ops gets in after {admin.back(world, before):.0f} s")


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Admin:
    return Admin(SPEC, tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="module")
def world(admin: Admin) -> Iterator[World]:
    with World(admin.address, GATEWAY) as made:
        yield made


@pytest.fixture(scope="module")
def machine(
    admin: Admin, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("disks")
    with assembled(admin, world, folder, DISKS, MEMORY) as made:
        subprocess.run(["mkfs.ext4", "-q", "-L", "kept", str(made.disks["kept"])], check=True)
        made.bring(admin.secrets())
        yield made


def test_osds_are_made_on_empty_devices_and_every_claim_holds(
    machine: Machine, world: World, admin: Admin
) -> None:
    machine.start()
    took = machine.wait_console(KEYS[1], 600)
    print(f"first boot: cloud-init has done its work after {took:.0f} s")
    admin.learn_host_key(machine.console())
    assert admin.ssh(world, "cloud-init status --wait", 120).strip() == "status: done"
    admin.ssh(world, FORMED, 600)
    admin.holds(machine, world, 60)
    admin.ssh(world, "echo kept | rados -p rbd put object -")


def test_without_the_device_of_an_osd_the_node_boots_and_ops_gets_in(
    machine: Machine, world: World, admin: Admin
) -> None:
    """Ceph's own units would refuse logins until the OSD had started."""
    again(machine, world, admin, {name: name for name in DISKS if name != "osd1"})
    report = admin.settled(world, GONE, "--no-wait", only=("*/service/*", "*/osd.1"))
    assert statuses(report) == GONE, bad(report)
    assert "osd1 is not there" in admin.ssh(world, "journalctl --boot --no-pager -u ceph-osd@1")


def test_after_a_reboot_the_osds_come_back_and_all_holds(
    machine: Machine, world: World, admin: Admin
) -> None:
    again(machine, world, admin)
    admin.ssh(world, FORMED, 600)
    admin.holds(machine, world, 60)
    assert admin.ssh(world, "rados -p rbd get object -") == "kept\n"


def test_a_volume_that_udev_left_inactive_is_activated(world: World, admin: Admin) -> None:
    one = "--select 'lv_tags={ceph.osd_id=1}'"
    script = f"systemctl stop ceph-osd@1; lvchange --activate n {one}; lvs -o lv_active {one}"
    assert "active" not in admin.ssh(world, f"{script} --noheadings", 120)
    admin.ssh(world, "systemctl start ceph-osd@1", 120)
    assert "active" in admin.ssh(world, f"lvs --noheadings -o lv_active {one}")


def test_an_osd_on_another_device_is_noticed_and_nothing_else_is(
    world: World, admin: Admin
) -> None:
    """Their names are exchanged, as if somebody had put the disks into each other's slots."""
    admin.ssh(world, f"mv {NAMES}0 {NAMES}x; mv {NAMES}1 {NAMES}0; mv {NAMES}x {NAMES}1")
    report = admin.settled(world, RED, "--no-wait", only=OSDS)
    assert statuses(report) == RED, bad(report)
    admin.ssh(world, "udevadm trigger --settle --subsystem-match block")
    assert not bad(admin.settled(world, {}, only=OSDS))


def test_a_device_that_is_not_empty_is_refused_and_kept(
    machine: Machine, world: World, admin: Admin
) -> None:
    before = hashlib.sha256(machine.disks["kept"].read_bytes()).hexdigest()
    text = (admin.folder / "site.yaml").read_text()
    assert BEYOND in text
    admin.build(text.replace(BEYOND, f"{BEYOND}      - {{device: {KEPT}, id: 2}}\n"))
    admin.copy(world, "/root/bundle")
    admin.ssh(world, "/root/bundle/apply", 300)
    begun = time.monotonic()
    said = ""
    while "STOPPED" not in said and time.monotonic() - begun < 120:
        said = admin.ssh(world, "journalctl --boot --no-pager --output cat -u ceph-osd@2")
    assert f"STOPPED, nothing was changed: {KEPT} is not empty: ext4" in said
    assert "osd.2" not in admin.ssh(world, "ceph osd tree")
    assert hashlib.sha256(machine.disks["kept"].read_bytes()).hexdigest() == before
