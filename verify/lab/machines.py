"""The machines of a lab that is there: something run in them, their switches, their boots."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound

from verify.contract import Output
from verify.lab import boot, database, network
from verify.lab.errors import LabError
from verify.lab.execution import execute
from verify.lab.topology import OUTSIDE, Topology
from verify.serialization import load_manifest

STOP_WAIT = 60


class Machines:
    """All nodes of a site and what stands around it.

    `say` hears one line for each thing that takes time; `pace` stretches all limits, on a machine
    that is slower than they were made for.
    """

    def __init__(
        self, topology: Topology, client: DockerClient, say: Callable[[str], None], pace: float
    ) -> None:
        self.topology = topology
        self.client = client
        self.say = say
        self.pace = pace

    @property
    def site(self) -> str:
        return self.topology.site

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes of the site, in the order of its spec."""
        return tuple(node.name for node in self.topology.nodes)

    def exec(self, name: str, command: str | Sequence[str], timeout: int = 30) -> Output:
        """Run a shell script (text) or a program (sequence) in a node or what stands around.

        The code is None when it was still running after `timeout` seconds of the lab's pace.
        """
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        limited = ["timeout", "--kill-after=2", f"{timeout * self.pace:.1f}", *words]
        container = self.container(name)
        try:
            code, out, err = execute(self.client, container, limited)
        except APIError as error:
            raise LabError(f"{name}: {self._end(container) or error.explanation}") from None
        ended = None if code in (124, 137) else code
        return Output(ended, out.decode(errors="replace"), err.decode(errors="replace"))

    def _end(self, container: Any) -> str:
        """That a machine's first program has ended, with its code and last words; else nothing."""
        container.reload()
        if container.status != "exited":
            return ""
        log = container.logs(tail=20).decode(errors="replace").strip()
        code = container.attrs["State"]["ExitCode"]
        return f"its first program has ended, with code {code}" + (f":\n{log}" if log else "")

    def outside(self, command: str | Sequence[str], timeout: int = 30) -> Output:
        """Run something on the machine outside the site.

        It speaks from `topology.ATTACKER` or `topology.INNOCENT` where the command binds to one of
        them (`curl --interface`, `ping -I`).
        """
        return self.exec(OUTSIDE, command, timeout)

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
        container = self.container(name)
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
        network.plug(self.topology, self.topology.box(name), container.attrs["State"]["Pid"])

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
                late = time.monotonic() - begun > wait
                if not late and not self._may_be_through(name, stamped[name]):
                    continue
                seen = boot.parse(self.exec(name, boot.ASK).out)
                if seen.done(stamped[name]):
                    booted[name] = seen.after(time.monotonic() - begun)
                    self.say(f"{name} booted: {booted[name]}")
                elif late:
                    log = self.exec(name, boot.TELL).out
                    raise LabError(f"{name} has not booted in {wait:.0f} s ({seen}):\n{log}")
            time.sleep(0.3)
        return booted

    def _may_be_through(self, name: str, stamp_wanted: bool) -> bool:
        """Whether a machine is worth asking, by its files, which are looked at from here.

        To run something in it takes of the processors that it boots on.
        """
        root = Path(f"/proc/{self.container(name).attrs['State']['Pid']}/root")
        if not root.is_dir():
            return True
        ended = any((root / path).exists() for path in boot.ENDS)
        return ended and (not stamp_wanted or (root / boot.STAMP).exists())

    def _wait_answering(self, name: str, wait: float) -> None:
        question = database.READY if self.topology.box(name).role == "database" else ("true",)
        end = time.monotonic() + wait
        while self.exec(name, question).code != 0:
            if time.monotonic() > end:
                log = self.container(name).logs(tail=40).decode(errors="replace")
                raise LabError(f"{name} does not answer in {wait:.0f} s:\n{log}")
            time.sleep(0.3)

    def _applies(self, name: str) -> bool:
        """Whether the bundle of a node has an `apply`, so that a stamp is to be waited for."""
        bundle = self.topology.box(name).bundle
        return bundle is not None and "apply" in load_manifest(bundle / "manifest.json").files

    def container(self, name: str) -> Any:
        box = self.topology.box(name)
        try:
            return self.client.containers.get(self.topology.container(box))
        except NotFound:
            raise LabError(f"{name} is not there: stook lab up {self.topology.folder}") from None
