"""One node on a real machine: what containers cannot prove, because they have no udev and no LVM.

It has a volume with a brick on a disk, and OSDs with a device each for themselves and one that both
have their metadata on. The tests are
one story and run in this order on one machine, so that it is on for the first time only once. Its
secrets are on its disk before, as an admin's image would have them; all else comes from the NoCloud
volume.
"""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator, Mapping
from glob import escape
from pathlib import Path

import pytest

from tests.live.machine import CYCLE, GATEWAY, GIB, KEYS, Admin, assembled
from tests.live.site import bad, statuses, turn
from tests.pace import limit
from verify.lab.vm.machine import Machine
from verify.lab.vm.world import World
from verify.serialization import load_manifest

pytestmark = [pytest.mark.live, pytest.mark.vm]
SPEC = Path(__file__).parent / "vm/site.yaml"
NODE = "node-gfs1"
BRICK = "/glusterfs/bricks/brick1"
DISKS = {"brick1": 2 * GIB, "osd0": 3 * GIB, "osd1": 3 * GIB, "fast": 2 * GIB, "kept": GIB // 16}
MEMORY = 2304
# An emulated machine costs a fifth of all tests: each commit has one of them, `make soak` all.
PLATFORMS = ("debian-12", "debian-13")
PLATFORM = PLATFORMS[turn(len(PLATFORMS))]
# Tried on the other one, too: with firewalld's own unit its cloud-init 25.1.4 came to its end.
CYCLIC = "debian-12"
NAMES = "/dev/disk/by-id/virtio-osd"
KEPT = "/dev/disk/by-id/virtio-kept"
FAST = "db: {device: /dev/disk/by-id/virtio-fast, size: 768M}"
BEYOND = f"      - {{device: {NAMES}1, id: 1, {FAST}}}\n"
OSDS = ("*/ceph_*", "*/service/ceph-osd@*")
# Without the disk of its brick and that of an OSD: those two, and what is nowhere else.
GONE = {
    f"{NODE}/mount{BRICK}": "fail",
    f"{NODE}/brick/wp{BRICK}/gv": "blocked",
    f"{NODE}/gluster_status/wp": "fail",
    f"{NODE}/listener/49152-49183-tcp": "fail",
    f"{NODE}/mount/var/www/html": "fail",
    f"{NODE}/shared_directory/wp": "blocked",
    f"{NODE}/service/ceph-osd@1.service": "fail",
    f"{NODE}/ceph_osd/osd.1": "blocked",
    f"{NODE}/ceph_config/osd.1": "blocked",
    f"{NODE}/ceph_device/osd.1": "blocked",
}
# What takes an emulated processor longest, and has nothing to do with disks: other boots show it.
LASTING = {"package_files", "privileged", "startup", "repositories", "package"}
LASTING |= {"accounts", "sshd", "ssh_offer", "sudo_rights", "sudoers", "sudo", "user"}
EXCHANGED = {f"{NODE}/ceph_device/osd.{number}": "fail" for number in (0, 1)}
# Verification of what is still forming costs an emulated processor more than it tells.
FORMED = "until systemctl is-active --quiet stook-ceph.service; do sleep 2; done"


@pytest.fixture(scope="module", params=[PLATFORM])
def admin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Admin:
    return Admin(SPEC, tmp_path_factory.mktemp("machine"), request.param)


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


def again(
    machine: Machine, world: World, admin: Admin, cables: Mapping[str, str] | None = None
) -> None:
    """Shut it down and boot it again, until `ops` gets in."""
    before = admin.boot_id(world)
    admin.try_ssh(world, "systemctl poweroff")
    off = machine.wait_off(limit(300))
    machine.start(cables)
    print(f"off after {off:.0f} s; ops gets in after {admin.back(world, before):.0f} s")


def holds(machine: Machine, world: World, admin: Admin) -> None:
    admin.ssh(world, FORMED, 600)
    admin.holds(machine, world, 110)
    line = admin.ssh(world, f"findmnt -n -o FSTYPE {BRICK}; grep {BRICK} /etc/fstab").split()
    assert line[0] == "xfs"
    assert line[1].startswith("UUID=")
    admin.no_cycle(world)


@pytest.mark.skipif(PLATFORM != CYCLIC, reason="the units of Debian 13 make no such cycle")
def test_with_the_packaged_firewalld_there_would_be_a_cycle(
    admin: Admin, world: World, tmp_path: Path
) -> None:
    """The control: this image is one that shows what the bundle's own unit prevents.

    Its kernel is told to start Debian's firewalld, before anything of the bundle is there.
    """
    with assembled(admin, world, tmp_path, DISKS) as other:
        other.start(kernel="systemd.wants=firewalld.service")
        print(f"ordering cycle on the console after {other.wait_console(CYCLE, limit(120)):.0f} s")


def test_user_data_makes_the_node_and_every_claim_holds(
    machine: Machine, world: World, admin: Admin
) -> None:
    machine.start()
    took = machine.wait_console(KEYS[1], limit(600))
    print(f"first boot: cloud-init has done its work after {took:.0f} s")
    admin.learn_host_key(machine.console())
    assert admin.ssh(world, "cloud-init status --wait", 120).strip() == "status: done"
    holds(machine, world, admin)
    seed = "blkid -s LABEL -o value -t TYPE=iso9660; cloud-id"
    assert admin.ssh(world, seed).split() == ["CIDATA", "nocloud"]
    admin.ssh(world, "echo kept > /var/www/html/file; sync; echo kept | rados -p rbd put object -")


def test_without_its_disks_it_boots_and_only_their_checks_are_red(
    machine: Machine, world: World, admin: Admin
) -> None:
    """Ceph's own units would refuse logins until the OSD had started."""
    again(machine, world, admin, {name: name for name in DISKS if name not in ("brick1", "osd1")})
    admin.no_cycle(world)
    assert admin.try_ssh(world, f"touch {BRICK}/stray").returncode != 0
    # what a cluster says of itself with an OSD less, the containers show
    every = load_manifest(admin.bundle / "manifest.json").expectations
    boots = (one.id for one in every if one.kind not in LASTING)
    only = [escape(one) for one in boots if "/ceph_" not in one or one.endswith("/osd.1")]
    report = admin.settled(world, GONE, "--no-wait", only=only)
    assert statuses(report) == GONE, bad(report)
    assert "osd1 is not there" in admin.ssh(world, "journalctl --boot --no-pager -u ceph-osd@1")


def test_with_them_it_boots_again_and_all_holds(
    machine: Machine, world: World, admin: Admin
) -> None:
    again(machine, world, admin)
    holds(machine, world, admin)
    kept = admin.ssh(world, "cat /var/www/html/file; rados -p rbd get object -")
    assert kept == "kept\nkept\n"


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
    report = admin.settled(world, EXCHANGED, "--no-wait", only=OSDS)
    assert statuses(report) == EXCHANGED, bad(report)
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
    while "STOPPED" not in said and time.monotonic() - begun < limit(120):
        said = admin.ssh(world, "journalctl --boot --no-pager --output cat -u ceph-osd@2")
    assert f"STOPPED, nothing was changed: {KEPT} is not empty: ext4" in said
    assert "osd.2" not in admin.ssh(world, "ceph osd tree")
    assert hashlib.sha256(machine.disks["kept"].read_bytes()).hexdigest() == before
