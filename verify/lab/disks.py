"""The disks of lab nodes: sparse files behind loop devices, unformatted like new volumes.

Which devices are ours is read from the kernel, by the files behind them, so that nothing has to
be remembered and a crash leaves nothing that `detach` cannot find.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from verify.lab.errors import LabError

SIZE = 2 * 1024**3


def attach(file: Path, size: int = SIZE) -> str:
    """Make a sparse file, and give back the loop device that stands for it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as disk:
        disk.truncate(size)
    return _losetup("--find", "--show", str(file)).strip()


def attached(folder: Path) -> tuple[str, ...]:
    """The loop devices whose files are below `folder`."""
    return below(folder, _losetup("--list", "--json", "--output", "NAME,BACK-FILE"))


def below(folder: Path, listing: str) -> tuple[str, ...]:
    """The devices in a `losetup --json` listing whose files are below `folder`.

    The kernel adds ` (deleted)` to the name of a file that is gone: those are found too.
    """
    devices = json.loads(listing)["loopdevices"] if listing.strip() else []
    return tuple(
        device["name"]
        for device in devices
        if folder in Path(str(device["back-file"]).removesuffix(" (deleted)")).parents
    )


def detach(folder: Path) -> None:
    """Give the loop devices below `folder` back to the kernel."""
    for device in attached(folder):
        _losetup("--detach", device)


def _losetup(*arguments: str) -> str:
    done = subprocess.run(["losetup", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"losetup {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
