"""A site as a lab: brought up from its built folder, looked into, and taken down."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient

from verify.contract import OperatingSystem
from verify.lab import (
    boot,
    database,
    debian,
    delivery,
    disks,
    host,
    image,
    network,
    nodes,
    secrets,
    topology,
)
from verify.lab.errors import LabError
from verify.lab.machines import Machines
from verify.serialization import load_manifest


def state_folder() -> Path:
    """Where the files of all labs are kept."""
    return Path(os.environ.get("XDG_STATE_HOME") or "/var/lib") / "stook-lab"


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """The status of one machine of a lab, for a table."""

    name: str
    role: str
    state: str
    addresses: Mapping[str, tuple[str, ...]]


class Lab(Machines):
    """The lab of the site that is built in `folder`.

    All that the methods do is found again by labels and by files below the state folder, so a later
    process can go on with the same lab.
    """

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None] = lambda line: None,
        client: DockerClient | None = None,
        pace: float = 1,
    ) -> None:
        self.folder = folder
        engine = client or host.engine()
        super().__init__(topology.read(folder, state_folder()), engine, say, pace)

    def up(
        self,
        late: Collection[str] = (),
        seedless: Collection[str] = (),
        bare: bool = False,
        keep: bool = False,
        wait: float = 300,
        secretless: Collection[str] = (),
    ) -> dict[str, boot.Boot]:
        """Make everything, start the nodes and wait until they have booted.

        Nodes in `late` are made but not started; nodes in `seedless` get no user-data, as if an
        admin were to bring the bundle, and nodes in `secretless` none of their secrets. With
        `bare`, nodes install their packages themselves.
        Whatever ends this early, nothing is left behind, unless `keep` asks for it to be looked at.
        """
        with ExitStack() as making:
            making.enter_context(host.exclusive(state_folder(), self.topology.name))
            self._refuse_second()
            host.allow_watchers(self.say)
            try:
                self._make(seedless, secretless, bare)
                around = [box.name for box in self.topology.around]
                for name in around:
                    self.start(name)
                making.close()  # from here on it is seen by its containers
                self.wait_booted(around)
                started = [name for name in self.names if name not in late]
                for name in started:
                    self.start(name)
                return self.wait_booted(started, wait, seedless=seedless)
            except BaseException:
                if not keep:
                    self.say("taking down what was made")
                    self.down()
                raise

    def down(self) -> None:
        """Remove every container, network, loop device and file of this lab, also after a crash."""
        nodes.remove(self.client, self.topology.name)
        network.remove(self.topology.title)
        disks.detach(self.topology.state)
        shutil.rmtree(self.topology.state, ignore_errors=True)

    def status(self) -> tuple[MachineStatus, ...]:
        """How each container that should be there stands (`absent` when it is not)."""
        states = {
            container.name: container.status
            for container in self.client.containers.list(
                all=True, filters={"label": f"{network.LABEL}={self.topology.name}"}
            )
        }
        return tuple(
            MachineStatus(
                box.name, box.role, states.get(self.topology.container(box), "absent"), box.known()
            )
            for box in (*self.topology.nodes, *self.topology.around)
        )

    def deliver(self, name: str, target: str = "/root/bundle") -> None:
        """Copy a node's bundle folder into it, as an admin would."""
        bundle = self._node(name).bundle
        assert bundle is not None
        self.exec(name, ["mkdir", "-p", target])
        self.container(name).put_archive(target, delivery.folder(bundle))

    def secret(self, name: str) -> str:
        """The value of a secret in this lab. Raises `LabError` when no machine needs one."""
        if name not in self.topology.secrets:
            known = ", ".join(self.topology.secrets) or "none"
            raise LabError(f"the site has no secret {name!r}; it has {known}")
        return secrets.read(self._vault, (name,))[name]

    def give_secrets(self, name: str) -> None:
        """Bring a node all secrets that it asks for, as an admin would."""
        values = secrets.read(self._vault, self._node(name).secrets)
        self.container(name).put_archive(delivery.STATE, delivery.secrets(values))

    def _refuse_second(self) -> None:
        """Refuse a lab that is up, and clear away one that only lies about.

        A lab of which nothing runs was up when its engine or its machine was stopped.
        """
        if any(standing.state in ("running", "paused") for standing in self.status()):
            raise LabError(f"the lab of {self.folder} is up already: stook lab down {self.folder}")
        self.down()

    def _make(self, seedless: Collection[str], secretless: Collection[str], bare: bool) -> None:
        for name in (*seedless, *secretless):
            self._node(name)
        inner = self._image(self.topology.packages, "bare" if bare else "node", self._os())
        outer = {
            box.role: self._image(*_packages(box), debian.AROUND) for box in self.topology.around
        }
        network.create(self.topology)
        secrets.make(self._vault, self.topology.secrets)
        for box in self.topology.around:
            self._create(box, outer[box.role])
        self._fill_database()
        for box in self.topology.nodes:
            self._create(box, inner)
            if box.bundle:
                account = delivery.image_account(box.bundle)
                self.container(box.name).put_archive(delivery.CLOUD, account)
            if box.bundle and box.name not in seedless:
                seed = delivery.seed(box.bundle)
                self.container(box.name).put_archive(delivery.STATE, seed)
            if box.secrets and box.name not in secretless:
                self.give_secrets(box.name)

    @property
    def _vault(self) -> Path:
        return self.topology.state / "secrets"

    def _image(self, packages: Sequence[str], purpose: str, os: OperatingSystem) -> str:
        with host.exclusive(state_folder(), "images", wait=True):
            return image.obtain(self.client, packages, self.say, os, purpose)

    def _fill_database(self) -> None:
        one = self.topology.database
        if one:
            sql = database.statements(one, self.secret(one.secret))
            packed = delivery.private(database.SQL.lstrip("/"), sql)
            self.container("database").put_archive("/", packed)

    def _os(self) -> OperatingSystem:
        nodes = [load_manifest(self.folder / name / "manifest.json") for name in self.names]
        if len({node.os for node in nodes}) != 1:
            platforms = ", ".join(sorted({node.platform for node in nodes}))
            raise LabError(f"a lab has nodes of one platform, not {platforms}")
        return nodes[0].os

    def _create(self, box: topology.Box, image_name: str) -> None:
        devices = {disk.device: disks.attach(disk.file) for disk in box.disks}
        if box.role == "node":
            devices |= {path: path for path in nodes.DEVICES if Path(path).exists()}
        nodes.create(self.client, self.topology, box, image_name, devices)

    def _node(self, name: str) -> topology.Box:
        box = self.topology.box(name)
        if box.role != "node":
            raise LabError(f"{name} is no node of the site")
        return box


def _packages(box: topology.Box) -> tuple[tuple[str, ...], str]:
    """The packages of what stands around a site, and the purpose of an image that has them."""
    if box.role == "database":
        return image.DATABASE, "database"
    return image.AROUND, "around"
