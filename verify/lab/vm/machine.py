"""A machine under qemu: its disks, its power switch and its serial console."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from verify.lab.errors import LabError
from verify.lab.vm.image import Image
from verify.lab.vm.world import MAC, TAP, World, end

KERNEL = "root=LABEL=root rw console=ttyS0 net.ifnames=0"
BRICK = 2 * 1024**3
TAIL = 60


class Machine:
    """One machine with a copy of the image as its disk, a NoCloud volume and an empty data disk.

    The data disk is known to udev as /dev/disk/by-id/virtio-brick1. Everything lies in `folder`.
    """

    def __init__(self, world: World, image: Image, seed: Path, folder: Path) -> None:
        self.world = world
        self.image = image
        self.seed = seed
        self.disk = folder / "disk"
        self.brick = folder / "brick1"
        self.log = folder / "console.log"
        self._process: subprocess.Popen[bytes] | None = None
        subprocess.run(
            ["cp", "--reflink=auto", "--sparse=always", str(image.disk), str(self.disk)], check=True
        )
        with self.brick.open("xb") as file:
            file.truncate(BRICK)

    def start(self, brick: bool = True, kernel: str = "") -> None:
        """Switch it on, with or without its data disk, and with more words for its kernel."""
        self.log.write_bytes(b"")
        self._process = self.world.start(*self._command(brick, kernel))

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
        self.disk.unlink()
        self.brick.unlink()

    def _alive(self) -> None:
        assert self._process
        if self._process.poll() is not None:
            said = self._process.stderr.read().decode() if self._process.stderr else ""
            raise LabError(f"the machine has ended: {said.strip()}\n{self.tail()}")

    def _command(self, brick: bool, kernel: str) -> list[str]:
        program = shutil.which("qemu-system-x86_64")
        if program is None:
            raise LabError("qemu-system-x86_64 is missing: `make tools` installs it")
        data = ["-drive", f"file={self.brick},format=raw,if=none,id=brick1,cache=unsafe"]
        data += ["-device", "virtio-blk-pci,drive=brick1,serial=brick1"]
        return [
            *(program, "-accel", "tcg,thread=multi", "-machine", "q35", "-smp", "2", "-m", "1536"),
            *("-nodefaults", "-display", "none", "-serial", f"file:{self.log}"),
            *("-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd)),
            *("-append", f"{KERNEL} {kernel}".strip()),
            *("-drive", f"file={self.disk},format=raw,if=virtio,cache=unsafe"),
            *("-drive", f"file={self.seed},format=raw,if=virtio,readonly=on"),
            *(data if brick else ()),
            *("-netdev", f"tap,id=net0,ifname={TAP},script=no,downscript=no"),
            *("-device", f"virtio-net-pci,netdev=net0,mac={MAC},romfile="),
            *("-device", "virtio-rng-pci"),
        ]
