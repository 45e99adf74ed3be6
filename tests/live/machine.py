"""What the tests of a real machine share: its admin, its boots, and verification over ssh.

A kernel under qemu boots from a Debian disk with cloud-init and systemd-networkd, and has nothing
of a site but the NoCloud volume of its bundle. The site is one node, so everything in its spec is
asked, and through the user's own ssh; what several nodes do together is left to the containers.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from generator import pipeline
from generator.planning.site import Site
from tests.live.site import bad, statuses
from tests.pace import limit, multiplier, used
from verify.lab import host
from verify.lab.site import state_folder
from verify.lab.vm import image
from verify.lab.vm.machine import MEMORY, Machine
from verify.lab.vm.world import ADMIN, World
from verify.serialization import load_manifest

GATEWAY = "10.77.0.254"
EXAMPLE_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L ops"
CYCLE = "rdering cycle"
KEYS = ("-----BEGIN SSH HOST KEY KEYS-----", "-----END SSH HOST KEY KEYS-----")
GIB = 1024**3
SLOWER = 10  # than a node that time limits are made for, with two emulated processors
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
SSH = """Host {node}
  HostName {address}
  BindAddress {admin}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  HostKeyAlias {node}
  User ops
"""


class Admin:
    """Who built the bundle of a spec's one node and has a key: what they do and see."""

    def __init__(self, spec: Path, folder: Path, platform: str = "debian-12") -> None:
        self.folder = folder
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", str(folder / "key"))
        key = (folder / "key.pub").read_text().strip()
        text = spec.read_text().replace(EXAMPLE_KEY, key)
        site = self.build(text.replace("platform: debian-12", f"platform: {platform}"))
        (node,) = site.nodes.values()
        self.site, self.node, self.address = site.name, node.name, node.address
        config = SSH.format(node=node.name, address=node.address, admin=ADMIN, folder=folder)
        (folder / "ssh_config").write_text(config)

    def build(self, text: str) -> Site:
        """The bundle of a spec, in place of what is there."""
        (self.folder / "site.yaml").write_text(text)
        built = pipeline.run(self.folder)
        pipeline.build(built, self.folder)
        assert not built.failed and built.site
        return built.site

    def secrets(self) -> dict[str, Path]:
        """Where each secret of the node belongs, and the file that has it here."""
        export = ["secrets", str(self.folder), "--export", str(self.folder / "secrets")]
        _run(sys.executable, "-m", "generator", *export)
        files = (self.folder / "secrets" / self.node).iterdir()
        return {f"/var/lib/stook/secrets/{file.name}": file for file in files}

    @property
    def bundle(self) -> Path:
        return self.folder / self.node

    def learn_host_key(self, console: str) -> None:
        """As from a provider's console output: no key is taken from the network unseen."""
        shown = console.split(KEYS[0])[1].split(KEYS[1])[0]
        keys = [line.strip() for line in shown.splitlines() if line.startswith("ssh-")]
        assert keys, shown
        lines = "".join(f"{self.node} {key}\n" for key in keys)
        (self.folder / "known_hosts").write_text(lines)

    def ssh(self, world: World, script: str, timeout: float = 60) -> str:
        """The output of a script that must succeed on the machine, as root."""
        done = self.try_ssh(world, script, timeout)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def try_ssh(
        self, world: World, script: str, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        words = ["-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
        words += ["-o", f"ConnectTimeout={limit(20):.0f}", "-F", str(self.folder / "ssh_config")]
        command = ("ssh", *words, self.node, "sudo -n sh -s")
        return world.run(*command, text=script, timeout=limit(timeout))

    def copy(self, world: World, target: str) -> None:
        """Bring the bundle to the node, as `scp -r` would."""
        packed = self.folder / "bundle.tar"
        _run("tar", "-C", str(self.bundle), "-cf", str(packed), ".")
        encoded = base64.b64encode(packed.read_bytes()).decode()
        unpack = f"mkdir -p {target} && base64 -d <<END | tar -C {target} -xf -\n{encoded}\nEND\n"
        self.ssh(world, unpack)

    def verify(self, world: World, *options: str) -> dict[str, Any]:
        """A report of `stook verify` over ssh, from the machine outside."""
        command = [sys.executable, "-m", "verify", str(self.folder), "--target", "ssh"]
        command += ["--ssh-config", str(self.folder / "ssh_config"), "--format", "json", *options]
        command += ["--timeout-multiplier", str(SLOWER * int(multiplier()))]
        done = world.run(*command, timeout=limit(600))
        assert done.returncode in (0, 1, 3), done.stderr
        report: dict[str, Any] = json.loads(done.stdout)["sites"][0]
        return report | {"code": done.returncode}

    def settled(
        self,
        world: World,
        wanted: Mapping[str, str],
        *options: str,
        only: Iterable[str] = (),
    ) -> dict[str, Any]:
        """The last report, after `wanted` was all that is not green, or after ten minutes.

        On an emulated processor some commands are over their time limit at first. They are asked
        again, with what is wanted, as that is what others are blocked by.
        """
        begun = time.monotonic()
        if not only:
            self.try_ssh(world, "systemctl is-system-running --wait", 180)
        waited = time.monotonic() - begun
        always = ("--active", "--phase", "rebooted", *options)
        report = self.verify(world, *always, *_only(only))
        allowed = limit(600)
        while (found := statuses(report)) != wanted and time.monotonic() - begun < allowed:
            print(f"after {time.monotonic() - begun:.0f} s not as wanted: {bad(report)}")
            again = self.verify(world, *always, *_only(map(escape, found.keys() | wanted)))
            newer = {verdict["id"]: verdict for verdict in again["verdicts"]}
            older = [newer.get(verdict["id"], verdict) for verdict in report["verdicts"]]
            report = again | {"verdicts": older}
        spent = time.monotonic() - begun - waited
        print(f"services settled in {waited:.0f} s, verified in {spent:.0f} s")
        used("the machine is as wanted", waited + spent, allowed)
        return report

    def holds(self, machine: Machine, world: World, least: int) -> None:
        """Everything is green, and that is at least so many checks."""
        report = self.settled(world, {})
        assert not bad(report), machine.tail()
        assert report["code"] == 0
        assert len(report["verdicts"]) > least

    def no_cycle(self, world: World) -> None:
        """In the journal of this boot, which must be there to be believed."""
        journal = self.ssh(world, "journalctl --boot --no-pager --output cat")
        assert "Reached target" in journal
        assert CYCLE not in journal

    def boot_id(self, world: World) -> str:
        return self.ssh(world, BOOT_ID)

    def back(self, world: World, before: str, wait: float = 600) -> float:
        """Seconds until ssh answers from another boot than `before`."""
        begun, allowed = time.monotonic(), limit(wait)
        while True:
            asked = self.try_ssh(world, BOOT_ID)
            took = time.monotonic() - begun
            if asked.returncode == 0 and asked.stdout != before:
                used("the machine boots again", took, allowed)
                return took
            assert took < allowed, asked.stderr
            time.sleep(1)


@contextmanager
def assembled(
    admin: Admin,
    world: World,
    folder: Path,
    disks: Mapping[str, int],
    memory: int = MEMORY,
) -> Iterator[Machine]:
    """A machine that has never been on, gone with its disks at the end."""
    manifest = load_manifest(admin.bundle / "manifest.json")
    # a folder for each site: only the newest image in it is kept
    with host.exclusive(state_folder(), "machines", wait=True):
        made = image.obtain(manifest.packages, manifest.os, state_folder() / admin.site, print)
    image.seed(admin.bundle, world.network_config(), folder / "seed.iso")
    machine = Machine(world, made, folder / "seed.iso", folder, disks, memory)
    try:
        yield machine
    finally:
        machine.remove()


def _only(ids: Iterable[str]) -> list[str]:
    return [word for one in ids for word in ("--only", one)]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
