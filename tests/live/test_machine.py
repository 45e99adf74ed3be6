"""One node on a real machine: what containers cannot prove, because they have no udev.

A kernel under qemu boots from a Debian disk with cloud-init and systemd-networkd, and has nothing
of a site but the NoCloud volume of its bundle. The site is one node, so everything in its spec is
asked, and through the user's own ssh; what several nodes do together is left to the containers.

The tests are one story and run in this order on one machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from tests.live.site import bad
from verify.contract import load_manifest
from verify.lab.site import state_folder
from verify.lab.vm import image
from verify.lab.vm.machine import Machine
from verify.lab.vm.world import ADMIN, World

pytestmark = [pytest.mark.live, pytest.mark.vm]
SPEC = Path(__file__).parent / "vm/site.yaml"
NODE, ADDRESS, GATEWAY = "node-gfs1", "10.77.0.11", "10.77.0.254"
BRICK = "/glusterfs/bricks/brick1"
EXAMPLE_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L ops"
CYCLE = "rdering cycle"
KEYS = ("-----BEGIN SSH HOST KEY KEYS-----", "-----END SSH HOST KEY KEYS-----")
# The disk, and what of its volume is nowhere else; all else holds.
RED = {
    f"{NODE}/mount{BRICK}": "fail",
    f"{NODE}/brick/wp{BRICK}/gv": "blocked",
    f"{NODE}/gluster_status/wp": "fail",
    f"{NODE}/listener/49152-49183-tcp": "fail",
    f"{NODE}/mount/var/www/html": "fail",
    f"{NODE}/shared_directory/wp": "blocked",
}
SSH = f"""Host {NODE}
  HostName {ADDRESS}
  BindAddress {ADMIN}
  IdentityFile FOLDER/key
  IdentitiesOnly yes
  UserKnownHostsFile FOLDER/known_hosts
  HostKeyAlias {NODE}
  User ops
"""


class Admin:
    """Who built the bundle and has a key: what they do and see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", str(folder / "key"))
        key = (folder / "key.pub").read_text().strip()
        (folder / "site.yaml").write_text(SPEC.read_text().replace(EXAMPLE_KEY, key))
        (folder / "ssh_config").write_text(SSH.replace("FOLDER", str(folder)))
        built = pipeline.run(folder)
        pipeline.build(built, folder)
        assert not built.failed

    @property
    def bundle(self) -> Path:
        return self.folder / NODE

    def learn_host_key(self, console: str) -> None:
        """As from a provider's console output: no key is taken from the network unseen."""
        shown = console.split(KEYS[0])[1].split(KEYS[1])[0]
        keys = [line.strip() for line in shown.splitlines() if line.startswith("ssh-")]
        assert keys, shown
        (self.folder / "known_hosts").write_text("".join(f"{NODE} {key}\n" for key in keys))

    def ssh(self, world: World, script: str, timeout: float = 60) -> str:
        """The output of a script that must succeed on the machine, as root."""
        done = self.try_ssh(world, script, timeout)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def try_ssh(
        self, world: World, script: str, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        words = ["-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
        words += ["-o", "ConnectTimeout=5", "-F", str(self.folder / "ssh_config")]
        return world.run("ssh", *words, NODE, "sudo -n sh -s", text=script, timeout=timeout)

    def verify(self, world: World, *options: str) -> dict[str, Any]:
        """A report of `stook verify` over ssh, from the machine outside."""
        command = [sys.executable, "-m", "verify", str(self.folder), "--target", "ssh"]
        command += ["--ssh-config", str(self.folder / "ssh_config"), "--format", "json", *options]
        done = world.run(*command, timeout=600)
        assert done.returncode in (0, 1, 3), done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report | {"code": done.returncode}


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Admin:
    return Admin(tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(ADDRESS, GATEWAY) as made:
        yield made


@contextmanager
def assembled(admin: Admin, world: World, folder: Path) -> Iterator[Machine]:
    """A machine that has never been on, gone with its disks at the end."""
    packages = load_manifest(admin.bundle / "manifest.json").packages
    made = image.obtain(packages, state_folder() / "machine", print)
    image.seed(admin.bundle, world.network_config(), folder / "seed.iso")
    machine = Machine(world, made, folder / "seed.iso", folder)
    try:
        yield machine
    finally:
        machine.remove()


@pytest.fixture(scope="module")
def machine(
    admin: Admin, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    with assembled(admin, world, tmp_path_factory.mktemp("disks")) as made:
        yield made


def test_with_the_packaged_firewalld_there_would_be_a_cycle(
    admin: Admin, world: World, tmp_path: Path
) -> None:
    """The control: this image is one that shows what the bundle's own unit prevents.

    Its kernel is told to start Debian's firewalld, before anything of the bundle is there.
    """
    with assembled(admin, world, tmp_path) as other:
        other.start(kernel="systemd.wants=firewalld.service")
        print(f"ordering cycle on the console after {other.wait_console(CYCLE, 120):.0f} s")


def test_user_data_makes_the_node_and_every_claim_holds(
    machine: Machine, world: World, admin: Admin
) -> None:
    machine.start()
    took = machine.wait_console(KEYS[1], 480)
    print(f"first boot: cloud-init has done its work after {took:.0f} s")
    admin.learn_host_key(machine.console())
    assert admin.ssh(world, "cloud-init status --wait", 120).strip() == "status: done"
    _holds(machine, world, admin)
    _no_cycle(world, admin)
    seed = "blkid -s LABEL -o value -t TYPE=iso9660; cloud-id"
    assert admin.ssh(world, seed).split() == ["CIDATA", "nocloud"]


def test_it_reboots_and_still_holds(machine: Machine, world: World, admin: Admin) -> None:
    admin.ssh(world, "echo kept > /var/www/html/file; sync")
    before = admin.ssh(world, "cat /proc/sys/kernel/random/boot_id")
    admin.try_ssh(world, "systemctl reboot")
    took = _back(world, admin, before)
    print(f"reboot: ssh answers after {took:.0f} s")
    _holds(machine, world, admin)
    _no_cycle(world, admin)
    assert admin.ssh(world, "cat /var/www/html/file") == "kept\n"


def test_without_its_disk_it_boots_and_only_the_disks_checks_are_red(
    machine: Machine, world: World, admin: Admin
) -> None:
    before = admin.ssh(world, "cat /proc/sys/kernel/random/boot_id")
    admin.try_ssh(world, "systemctl poweroff")
    off = machine.wait_off(180)
    machine.start(brick=False)
    took = _back(world, admin, before)
    print(f"off after {off:.0f} s; without its disk, ssh answers after {took:.0f} s")
    _no_cycle(world, admin)
    assert admin.try_ssh(world, f"touch {BRICK}/stray").returncode != 0
    report = _settled(world, admin, RED, "--no-wait")
    assert _statuses(report) == RED, bad(report)


def _settled(world: World, admin: Admin, wanted: dict[str, str], *options: str) -> dict[str, Any]:
    """The last report, after `wanted` was all that is not green, or after ten minutes.

    On an emulated processor some commands are over their time limit at first.
    """
    begun = time.monotonic()
    admin.try_ssh(world, "systemctl is-system-running --wait", 180)
    waited = time.monotonic() - begun
    while True:
        report = admin.verify(world, "--active", "--phase", "rebooted", *options)
        spent = time.monotonic() - begun
        if _statuses(report) == wanted or spent > 600:
            break
    print(f"services settled in {waited:.0f} s, verified in {spent - waited:.0f} s")
    return report


def _statuses(report: dict[str, Any]) -> dict[str, str]:
    return {v["id"]: v["status"] for v in report["verdicts"] if v["status"] != "pass"}


def _holds(machine: Machine, world: World, admin: Admin) -> None:
    report = _settled(world, admin, {})
    assert not bad(report), machine.tail()
    assert report["code"] == 0
    assert len(report["verdicts"]) > 60
    line = admin.ssh(world, f"findmnt -n -o FSTYPE {BRICK}; grep {BRICK} /etc/fstab").split()
    assert line[0] == "xfs"
    assert line[1].startswith("UUID=")


def _no_cycle(world: World, admin: Admin) -> None:
    """In the journal of this boot, which must be there to be believed."""
    journal = admin.ssh(world, "journalctl --boot --no-pager --output cat")
    assert "Reached target" in journal
    assert CYCLE not in journal


def _back(world: World, admin: Admin, before: str, wait: float = 300) -> float:
    """Seconds until ssh answers from another boot."""
    begun = time.monotonic()
    while True:
        asked = admin.try_ssh(world, "cat /proc/sys/kernel/random/boot_id")
        if asked.returncode == 0 and asked.stdout != before:
            return time.monotonic() - begun
        assert time.monotonic() - begun < wait, asked.stderr
        time.sleep(1)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
