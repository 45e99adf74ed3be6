"""What a machine boots from: disk, kernel and initial RAM disk, cached by all they are made of."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from verify.contract import OperatingSystem
from verify.lab import debian
from verify.lab.errors import LabError

SCRIPT = Path(__file__).parent / "root.sh"
PACKAGE = Path(__file__).parents[1] / "files/package"
# Beside a bundle's own packages: what any image of a machine has.
SYSTEM = (
    *("cloud-init", "dbus", "iproute2", "linux-image-cloud-amd64"),
    *("systemd", "systemd-sysv", "udev"),
)
SIZE = "4G"


@dataclass(frozen=True, slots=True)
class Image:
    """The files of one image. The disk is never booted from itself, only from copies."""

    disk: Path
    kernel: Path
    initrd: Path


def obtain(
    packages: Iterable[str], os: OperatingSystem, state: Path, say: Callable[[str], None]
) -> Image:
    """An image of Debian with these packages installed, made below `state` if it is not there.

    Only the newest is kept. Raises `LabError` for another operating system.
    """
    if os.id != "debian" or not os.codename:
        raise LabError(f"no machine for {os.id} {os.version}: they are made of Debian's packages")
    wanted = sorted({*packages, *SYSTEM})
    folder = state / digest(wanted, os.codename)
    if not folder.exists():
        say(f"making the disk of a machine with {len(wanted)} packages")
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=state) as work:
            _make(Path(work), wanted, os.codename)
            Path(work, "image").rename(folder)
    return Image(folder / "disk", folder / "kernel", folder / "initrd")


def digest(packages: Iterable[str], codename: str) -> str:
    """Short name of all that an image is made of."""
    whole = hashlib.sha256(repr((list(packages), codename, SIZE)).encode())
    for script in (SCRIPT, PACKAGE):
        whole.update(script.read_bytes())
    return whole.hexdigest()[:12]


def seed(bundle: Path, network: str, volume: Path) -> None:
    """Write the NoCloud volume of a bundle: its own two files, and the network as a provider's."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "network-config")
        config.write_text(network)
        files = {n: bundle / n for n in ("user-data", "meta-data")} | {"network-config": config}
        _volume(files, volume)


def _volume(files: Mapping[str, Path], volume: Path) -> None:
    grafts = [f"/{name}={path}" for name, path in files.items()]
    _run(
        *("xorriso", "-as", "mkisofs", "-quiet", "-o", str(volume), "-V", "CIDATA"),
        *("-J", "-R", "-graft-points", *grafts),
    )


def _make(work: Path, packages: list[str], codename: str) -> None:
    root, image = work / "root", work / "image"
    debian.root_file_system(
        codename,
        root,
        f"--include={','.join(packages)}",
        f'--customize-hook=sh {quote(str(SCRIPT))} "$1"',
    )
    image.mkdir()
    for name, pattern in (("kernel", "vmlinuz-*"), ("initrd", "initrd.img-*")):
        shutil.copy(next((root / "boot").glob(pattern)), image / name)
    _run("mkfs.ext4", "-q", "-d", str(root), "-L", "root", str(image / "disk"), SIZE)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise LabError(f"{command[0]} is missing: `make tools` installs it") from None
    if done.returncode != 0:
        raise LabError(f"{command[0]} failed:\n{done.stderr.strip()[-2000:]}")
