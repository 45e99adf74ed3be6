"""One node on a real machine: what containers cannot prove, because they have no udev.

The tests are one story and run in this order on one machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.machine import CYCLE, GATEWAY, GIB, KEYS, Admin, assembled
from tests.live.site import bad, statuses
from verify.lab.vm.machine import Machine
from verify.lab.vm.world import World

pytestmark = [pytest.mark.live, pytest.mark.vm]
SPEC = Path(__file__).parent / "vm/site.yaml"
NODE = "node-gfs1"
BRICK = "/glusterfs/bricks/brick1"
DISKS = {"brick1": 2 * GIB}
# The disk, and what of its volume is nowhere else; all else holds.
RED = {
    f"{NODE}/mount{BRICK}": "fail",
    f"{NODE}/brick/wp{BRICK}/gv": "blocked",
    f"{NODE}/gluster_status/wp": "fail",
    f"{NODE}/listener/49152-49183-tcp": "fail",
    f"{NODE}/mount/var/www/html": "fail",
    f"{NODE}/shared_directory/wp": "blocked",
}


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
    with assembled(admin, world, tmp_path_factory.mktemp("disks"), DISKS) as made:
        yield made


def test_with_the_packaged_firewalld_there_would_be_a_cycle(
    admin: Admin, world: World, tmp_path: Path
) -> None:
    """The control: this image is one that shows what the bundle's own unit prevents.

    Its kernel is told to start Debian's firewalld, before anything of the bundle is there.
    """
    with assembled(admin, world, tmp_path, DISKS) as other:
        other.start(kernel="systemd.wants=firewalld.service")
        print(f"ordering cycle on the console after {other.wait_console(CYCLE, 120):.0f} s")


def test_user_data_makes_the_node_and_every_claim_holds(
    machine: Machine, world: World, admin: Admin
) -> None:
    machine.start()
    took = machine.wait_console(KEYS[1], 600)
    print(f"first boot: cloud-init has done its work after {took:.0f} s")
    admin.learn_host_key(machine.console())
    assert admin.ssh(world, "cloud-init status --wait", 120).strip() == "status: done"
    _holds(machine, world, admin)
    admin.no_cycle(world)
    seed = "blkid -s LABEL -o value -t TYPE=iso9660; cloud-id"
    assert admin.ssh(world, seed).split() == ["CIDATA", "nocloud"]


def test_it_reboots_and_still_holds(machine: Machine, world: World, admin: Admin) -> None:
    admin.ssh(world, "echo kept > /var/www/html/file; sync")
    before = admin.boot_id(world)
    admin.try_ssh(world, "systemctl reboot")
    print(f"reboot: ssh answers after {admin.back(world, before):.0f} s")
    _holds(machine, world, admin)
    admin.no_cycle(world)
    assert admin.ssh(world, "cat /var/www/html/file") == "kept\n"


def test_without_its_disk_it_boots_and_only_the_disks_checks_are_red(
    machine: Machine, world: World, admin: Admin
) -> None:
    before = admin.boot_id(world)
    admin.try_ssh(world, "systemctl poweroff")
    off = machine.wait_off(180)
    machine.start(cables={})
    took = admin.back(world, before)
    print(f"off after {off:.0f} s; without its disk, ssh answers after {took:.0f} s")
    admin.no_cycle(world)
    assert admin.try_ssh(world, f"touch {BRICK}/stray").returncode != 0
    report = admin.settled(world, RED, "--no-wait")
    assert statuses(report) == RED, bad(report)


def _holds(machine: Machine, world: World, admin: Admin) -> None:
    admin.holds(machine, world, 60)
    line = admin.ssh(world, f"findmnt -n -o FSTYPE {BRICK}; grep {BRICK} /etc/fstab").split()
    assert line[0] == "xfs"
    assert line[1].startswith("UUID=")
