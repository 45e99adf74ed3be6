"""A machine under qemu: its disks, its power switch and its serial console."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from verify.lab.errors import LabError
from verify.lab.vm.image import Image
from verify.lab.vm.world import MAC, TAP, World, end

KERNEL = "root=LABEL=root rw console=ttyS0 net.ifnames=0 mitigations=off"
TAIL = 60
# qemu's own default with what Ceph's libraries take for granted. A model of Intel's would have the
# kernel guard itself against Meltdown, which an emulated processor pays for at each system call.
CPU = "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt"
MEMORY = 1536
"""MiB of a machine that is not told otherwise."""


class Machine:
    """One machine with a copy of the image as its disk, a NoCloud volume and empty data disks.

    `disks` are their sizes in bytes by name; udev knows each as /dev/disk/by-id/virtio-NAME.
    Everything lies in `folder`; `memory` is in MiB.
    """

    def __init__(
        self,
        world: World,
        image: Image,
        seed: Path,
        folder: Path,
        disks: Mapping[str, int],
        memory: int = MEMORY,
    ) -> None:
        self.world = world
        self.image = image
        self.seed = seed
        self.disk = folder / "disk"
        self.disks = {name: folder / f"data-{name}" for name in disks}
        self.memory = memory
        self.log = folder / "console.log"
        self._process: subprocess.Popen[bytes] | None = None
        subprocess.run(
            ["cp", "--reflink=auto", "--sparse=always", str(image.disk), str(self.disk)], check=True
        )
        for name, size in disks.items():
            with self.disks[name].open("xb") as file:
                file.truncate(size)

    def bring(self, files: Mapping[str, Path]) -> None:
        """Write files that only root reads onto its disk, by their paths there; it must be off."""
        folders = sorted(
            {str(f) for path in files for f in list(Path(path).parents)[-2::-1]}, key=len
        )
        script = [f"mkdir {folder}" for folder in folders]
        for path, source in files.items():
            script += [f"write {source} {path}", f"sif {path} mode 0100600"]
        subprocess.run(
            ["debugfs", "-w", "-f", "-", str(self.disk)],
            input="\n".join(script),
            capture_output=True,
            text=True,
            check=True,
        )

    def start(self, cables: Mapping[str, str] | None = None, kernel: str = "") -> None:
        """Switch it on, with more words for its kernel.

        `cables` are its data disks by the names that udev shall know them by; without it, each by
        its own.
        """
        self.log.write_bytes(b"")
        attached = {name: name for name in self.disks} if cables is None else cables
        self._process = self.world.start(*self._command(attached, kernel))

    def console(self) -> str:
        """All that it has written to its serial console since it was switched on."""
        return self.log.read_text(errors="replace")

    def wait_console(self, words: str, wait: float) -> float:
        """Seconds until its console shows these words. Raises `LabError` with the console's end."""
        begun = time.monotonic()
        while words not in self.console():
            self._alive()
            if time.monotonic() - begun > wait:
                raise LabError(f"no {words!r} within {wait:.0f} s; its console:\n{self.tail()}")
            time.sleep(0.5)
        return time.monotonic() - begun

    def wait_off(self, wait: float) -> float:
        """Seconds until it has switched itself off."""
        assert self._process
        begun = time.monotonic()
        try:
            self._process.wait(wait)
        except subprocess.TimeoutExpired:
            raise LabError(f"still on after {wait:.0f} s; its console:\n{self.tail()}") from None
        return time.monotonic() - begun

    def tail(self) -> str:
        """The last lines of its console."""
        return "\n".join(self.console().splitlines()[-TAIL:])

    def cut(self) -> None:
        """Take its power away."""
        if self._process:
            end(self._process)

    def remove(self) -> None:
        """Take its power away and delete its disks; the console's log stays."""
        self.cut()
        for file in (self.disk, *self.disks.values()):
            file.unlink()

    def _alive(self) -> None:
        assert self._process
        if self._process.poll() is not None:
            said = self._process.stderr.read().decode() if self._process.stderr else ""
            raise LabError(f"the machine has ended: {said.strip()}\n{self.tail()}")

    def _command(self, cables: Mapping[str, str], kernel: str) -> list[str]:
        program = shutil.which("qemu-system-x86_64")
        if program is None:
            raise LabError("qemu-system-x86_64 is missing: `make tools` installs it")
        return [
            *(program, "-accel", "tcg,thread=multi", "-machine", "q35", "-smp", "2"),
            *("-cpu", CPU, "-m", str(self.memory)),
            *("-nodefaults", "-display", "none", "-serial", f"file:{self.log}"),
            *("-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd)),
            *("-append", f"{KERNEL} {kernel}".strip()),
            *("-drive", f"file={self.disk},format=raw,if=virtio,cache=unsafe"),
            *("-drive", f"file={self.seed},format=raw,if=virtio,readonly=on"),
            *(word for name, disk in cables.items() for word in self._data(name, disk)),
            *("-netdev", f"tap,id=net0,ifname={TAP},script=no,downscript=no"),
            *("-device", f"virtio-net-pci,netdev=net0,mac={MAC},romfile="),
            *("-device", "virtio-rng-pci"),
        ]

    def _data(self, name: str, disk: str) -> Iterable[str]:
        drive = f"file={self.disks[disk]},format=raw,if=none,id={name},cache=unsafe"
        return ("-drive", drive, "-device", f"virtio-blk-pci,drive={name},serial={name}")
