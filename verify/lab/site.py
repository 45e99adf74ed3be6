"""A site as a lab: brought up from its built folder, looked into, and taken down."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound

from verify.contract import Output
from verify.lab import boot, database, delivery, disks, host, image, network, nodes, plan, secrets
from verify.lab.errors import LabError
from verify.serialization import load_manifest

STOP_WAIT = 60
# What stands around a site is the same whatever its nodes run.
AROUND = "debian-12"


def state_folder() -> Path:
    """Where the files of all labs are kept."""
    return Path(os.environ.get("XDG_STATE_HOME") or "/var/lib") / "stook-lab"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one container of a lab stands, for a table."""

    name: str
    role: str
    state: str
    addresses: Mapping[str, tuple[str, ...]]


class Lab:
    """The lab of the site that is built in `folder`.

    `say` hears one line for each thing that takes time; `pace` stretches all limits, on a machine
    that is slower than they were made for. All that the methods do is found again by labels and by
    files below the state folder, so a later process can go on with the same lab.
    """

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None] = lambda line: None,
        client: DockerClient | None = None,
        pace: float = 1,
    ) -> None:
        self.folder = folder
        self.say = say
        self.pace = pace
        self.client = client or host.engine()
        self.plan = plan.read(folder, state_folder())

    @property
    def site(self) -> str:
        return self.plan.site

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes of the site, in the order of its spec."""
        return tuple(node.name for node in self.plan.nodes)

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
            making.enter_context(host.alone(state_folder(), self.plan.name))
            self._refuse_second()
            try:
                self._make(seedless, secretless, bare)
                around = [box.name for box in self.plan.around]
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
        nodes.remove(self.client, self.plan.name)
        network.remove(self.plan.title)
        disks.detach(self.plan.state)
        shutil.rmtree(self.plan.state, ignore_errors=True)

    def status(self) -> tuple[Standing, ...]:
        """How each container that should be there stands (`absent` when it is not)."""
        found = {
            container.name: container.status
            for container in self.client.containers.list(
                all=True, filters={"label": f"{network.LABEL}={self.plan.name}"}
            )
        }
        return tuple(
            Standing(box.name, box.role, found.get(self.plan.container(box), "absent"), box.known())
            for box in (*self.plan.nodes, *self.plan.around)
        )

    def exec(self, name: str, command: str | Sequence[str], timeout: int = 30) -> Output:
        """Run a shell script (text) or a program (sequence) in a node or what stands around.

        The code is None when it was still running after `timeout` seconds of the lab's pace.
        """
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        limited = ["timeout", "--kill-after=2", f"{timeout * self.pace:.1f}", *words]
        container = self._container(name)
        try:
            done = container.exec_run(limited, demux=True)
        except APIError as error:
            raise LabError(f"{name}: {error.explanation}") from None
        out, err = ((part or b"").decode(errors="replace") for part in done.output)
        return Output(None if done.exit_code in (124, 137) else int(done.exit_code), out, err)

    def outside(self, command: str | Sequence[str], timeout: int = 30) -> Output:
        """Run something on the machine outside the site.

        It speaks from `plan.ATTACKER` or `plan.INNOCENT` where the command binds to one of them
        (`curl --interface`, `ping -I`).
        """
        return self.exec(plan.OUTSIDE, command, timeout)

    def deliver(self, name: str, target: str = "/root/bundle") -> None:
        """Copy a node's bundle folder into it, as an admin would."""
        bundle = self._node(name).bundle
        assert bundle is not None
        self.exec(name, ["mkdir", "-p", target])
        self._container(name).put_archive(target, delivery.folder(bundle))

    def secret(self, name: str) -> str:
        """The value of a secret in this lab. Raises `LabError` when no machine needs one."""
        if name not in self.plan.secrets:
            known = ", ".join(self.plan.secrets) or "none"
            raise LabError(f"the site has no secret {name!r}; it has {known}")
        return secrets.read(self._vault, (name,))[name]

    def give_secrets(self, name: str) -> None:
        """Bring a node all secrets that it asks for, as an admin would."""
        values = secrets.read(self._vault, self._node(name).secrets)
        self._container(name).put_archive(delivery.STATE, delivery.secrets(values))

    def start(self, name: str) -> None:
        """Switch a machine on."""
        self.say(f"starting {name}")
        self.act(name, "start")

    def kill(self, name: str) -> None:
        """End all of a machine's processes at once; its connections are seen to close."""
        self.act(name, "kill")

    def cut(self, name: str) -> None:
        """Cut a machine's power: not even the end of its connections is heard of."""
        self.act(name, "cut")

    def shutdown(self, name: str) -> None:
        """Shut a machine down in good order."""
        self.act(name, "shutdown")

    def reboot(self, name: str) -> None:
        """Shut a machine down in good order and switch it on again; its disks stay."""
        self.act(name, "reboot")

    def pause(self, name: str) -> None:
        """Freeze a machine: its connections stay open and nothing answers."""
        self.act(name, "pause")

    def unpause(self, name: str) -> None:
        """Let a frozen machine go on."""
        self.act(name, "unpause")

    def act(self, name: str, verb: str) -> None:
        """Turn a machine's switch: start, kill, cut, shutdown, reboot, pause or unpause."""
        container = self._container(name)
        switch: dict[str, Callable[[], None]] = {
            "start": lambda: self._start(name, container),
            "kill": container.kill,
            "cut": lambda: self._cut(name, container),
            "shutdown": lambda: container.stop(timeout=STOP_WAIT),
            "reboot": lambda: self._reboot(name, container),
            "pause": container.pause,
            "unpause": container.unpause,
        }
        try:
            switch[verb]()
        except APIError as error:
            raise LabError(f"{name}: cannot {verb}: {error.explanation}") from None

    def _start(self, name: str, container: Any) -> None:
        container.start()
        container.reload()
        network.plug(self.plan, self.plan.box(name), container.attrs["State"]["Pid"])

    def _reboot(self, name: str, container: Any) -> None:
        container.stop(timeout=STOP_WAIT)
        self._start(name, container)

    def _cut(self, name: str, container: Any) -> None:
        # The kernel would close the sockets of the killed processes, and say so to their peers.
        self.exec(name, "for link in /sys/class/net/eth*; do ip link set ${link##*/} down; done")
        container.kill()

    def wait_booted(
        self, names: Sequence[str], wait: float = 300, seedless: Collection[str] = ()
    ) -> dict[str, boot.Boot]:
        """Wait until cloud-init is through on each node, and its bundle is applied if it has one.

        What stands around the site has booted when it answers; it is not in the result.
        Raises `LabError` with what the machine says when the time is over.
        """
        begun, wait = time.monotonic(), wait * self.pace
        around = [name for name in names if name not in self.names]
        for name in around:
            self._wait_answering(name, wait)
        names = [name for name in names if name not in around]
        stamped = {name: name not in seedless and self._applies(name) for name in names}
        booted: dict[str, boot.Boot] = {}
        while len(booted) < len(names):
            for name in (name for name in names if name not in booted):
                seen = boot.parse(self.exec(name, boot.ASK).out)
                if seen.done(stamped[name]):
                    booted[name] = seen.after(time.monotonic() - begun)
                    self.say(f"{name} booted: {booted[name]}")
                elif time.monotonic() - begun > wait:
                    told = self.exec(name, boot.TELL).out
                    raise LabError(f"{name} has not booted in {wait:.0f} s ({seen}):\n{told}")
            time.sleep(0.3)
        return booted

    def _wait_answering(self, name: str, wait: float) -> None:
        question = database.READY if self.plan.box(name).role == "database" else ("true",)
        end = time.monotonic() + wait
        while self.exec(name, question).code != 0:
            if time.monotonic() > end:
                told = self._container(name).logs(tail=40).decode(errors="replace")
                raise LabError(f"{name} does not answer in {wait:.0f} s:\n{told}")
            time.sleep(0.3)

    def _applies(self, name: str) -> bool:
        """Whether the bundle of a node has an `apply`, so that a stamp is to be waited for."""
        return "apply" in load_manifest(self.folder / name / "manifest.json").files

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
        inner = self._image(self.plan.packages, "bare" if bare else "node", self._platform())
        outer = {box.role: self._image(*_packages(box), AROUND) for box in self.plan.around}
        network.create(self.plan)
        secrets.make(self._vault, self.plan.secrets)
        for box in self.plan.around:
            self._create(box, outer[box.role])
        self._fill_database()
        for box in self.plan.nodes:
            self._create(box, inner)
            if box.bundle and box.name not in seedless:
                seed = delivery.seed(box.bundle)
                self._container(box.name).put_archive(delivery.STATE, seed)
            if box.secrets and box.name not in secretless:
                self.give_secrets(box.name)

    @property
    def _vault(self) -> Path:
        return self.plan.state / "secrets"

    def _image(self, packages: Sequence[str], purpose: str, platform: str) -> str:
        with host.alone(state_folder(), "images", wait=True):
            return image.obtain(self.client, packages, self.say, platform, purpose)

    def _fill_database(self) -> None:
        one = self.plan.database
        if one:
            sql = database.statements(one, self.secret(one.secret))
            packed = delivery.private(database.SQL.lstrip("/"), sql)
            self._container("database").put_archive("/", packed)

    def _platform(self) -> str:
        platforms = {
            load_manifest(self.folder / name / "manifest.json").platform for name in self.names
        }
        if len(platforms) != 1:
            raise LabError(f"a lab has nodes of one platform, not {', '.join(sorted(platforms))}")
        return platforms.pop()

    def _create(self, box: plan.Box, image_name: str) -> None:
        devices = {disk.device: disks.attach(disk.file) for disk in box.disks}
        if box.role == "node":
            devices |= {path: path for path in nodes.DEVICES if Path(path).exists()}
        nodes.create(self.client, self.plan, box, image_name, devices)

    def _node(self, name: str) -> plan.Box:
        box = self.plan.box(name)
        if box.role != "node":
            raise LabError(f"{name} is no node of the site")
        return box

    def _container(self, name: str) -> Any:
        box = self.plan.box(name)
        try:
            return self.client.containers.get(self.plan.container(box))
        except NotFound:
            raise LabError(f"{name} is not there: stook lab up {self.folder}") from None


def _packages(box: plan.Box) -> tuple[tuple[str, ...], str]:
    """The packages of what stands around a site, and the purpose of an image that has them."""
    if box.role == "database":
        return image.DATABASE, "database"
    return image.AROUND, "around"
