"""The world around one machine: a network namespace with its cable, gateway, admin and clock.

Nothing of it is seen from the machine that runs the test, and nothing in it reaches further.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from verify.lab.errors import LabError

PREFIX, TAP, MAC = "stook.vm.", "tap0", "52:54:00:77:00:0b"
NAMESPACES = Path("/run/netns")
NICE = -8
# Probes come from OUTSIDE, whom no spec admits; ssh binds to ADMIN. Reserved for documentation.
OUTSIDE, ADMIN, CLOCK = "203.0.113.50", "198.51.100.10", "203.0.113.123"


class World:
    """To be used as a context: what it made and started is gone at its end.

    Its namespace is named after this process, and as no lab of a site is: it is in nobody's way.
    """

    def __init__(self, address: str, gateway: str) -> None:
        self.address = address
        self.gateway = gateway
        self.name = f"{PREFIX}{os.getpid()}"
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> World:
        _clear()
        _ip("netns", "add", self.name)
        try:
            self._lay()
            self.start(sys.executable, "-m", "verify.lab.vm.clock", CLOCK)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what was started here, and remove the namespace."""
        for process in self._started:
            end(process)
        _ip("netns", "del", self.name)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program in the namespace; it ends with this process, however that ends."""
        inside = ["setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", self.name, *command]
        process = subprocess.Popen(
            inside,
            cwd=Path(__file__).parents[3],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._started.append(process)
        _prefer(process.pid)
        return process

    def run(
        self, *command: str, text: str = "", timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the namespace, with this on its standard input."""
        inside = ["ip", "netns", "exec", self.name, *command]
        return subprocess.run(inside, input=text, capture_output=True, text=True, timeout=timeout)

    def network_config(self) -> str:
        """What the provider of such a machine tells cloud-init of its network."""
        return (
            "version: 2\nethernets:\n  eth0:\n"
            f'    match: {{macaddress: "{MAC}"}}\n    set-name: eth0\n'
            f"    addresses: [{self.address}/24]\n"
            f"    routes: [{{to: 0.0.0.0/0, via: {self.gateway}}}]\n"
        )

    def _lay(self) -> None:
        self._inside("link", "set", "lo", "up")
        for address in (OUTSIDE, ADMIN, CLOCK):
            self._inside("address", "add", f"{address}/32", "dev", "lo")
        self._inside("tuntap", "add", TAP, "mode", "tap")
        self._inside("address", "add", f"{self.gateway}/32", "dev", TAP)
        self._inside("link", "set", TAP, "up")
        self._inside("route", "add", self.address, "dev", TAP, "src", OUTSIDE)

    def _inside(self, *words: str) -> None:
        _ip("-n", self.name, *words)


def _prefer(pid: int) -> None:
    """Let an emulated machine have the processor before what runs beside it.

    It is the slowest of all, and what runs in it has time limits of its own. Where the kernel
    groups processes by session (sched(7), autogroup), only the group's nice value counts against
    other sessions and containers.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
        Path(f"/proc/{pid}/autogroup").write_text(str(NICE))


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process of ours and wait until it is gone."""
    process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


def _clear() -> None:
    """Remove the namespaces of processes that have crashed."""
    for left in NAMESPACES.glob(f"{PREFIX}*"):
        pid = left.name.removeprefix(PREFIX)
        if pid.isdecimal() and not Path("/proc", pid).exists():
            _ip("netns", "del", left.name)


def _ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
