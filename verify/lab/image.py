"""The images that lab nodes boot from, cached by all that goes into them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, BuildError, ImageNotFound

from verify.lab import base
from verify.lab.errors import LabError

FILES = Path(__file__).parent / "files"
REPOSITORY = "stook-lab"
# What stands around a site: the machine outside, and the time server.
AROUND = ("chrony", "curl", "netcat-openbsd", "openssh-client")


def obtain(
    client: DockerClient,
    packages: Iterable[str],
    say: Callable[[str], None],
    platform: str = "debian-12",
    bare: bool = False,
) -> str:
    """The name of an image with these packages installed, or (`bare`) at hand as files only.

    Built when the engine has none made of the same Debian, packages and lab files.
    """
    root = base.obtain(client, platform, say)
    wanted = sorted(set(packages))
    target = "bare" if bare else "node"
    name = f"{REPOSITORY}:{digest(root, wanted, target)}"
    try:
        client.images.get(name)
    except ImageNotFound:
        say(f"building image {name} with {len(wanted)} packages")
        _build(client, root, wanted, target, name)
    return name


def digest(root: str, packages: Iterable[str], target: str) -> str:
    """Short name of all that an image is made of."""
    whole = hashlib.sha256(repr((root, sorted(packages), target)).encode())
    for file in sorted(FILES.iterdir()):
        whole.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def _build(client: DockerClient, root: str, packages: list[str], target: str, name: str) -> None:
    try:
        client.images.build(
            path=str(FILES),
            target=target,
            tag=name,
            buildargs={"BASE": root, "PACKAGES": " ".join(packages)},
            # The package sources are those of this machine, and so is the way to them.
            network_mode="host",
            rm=True,
            forcerm=True,
        )
    except BuildError as error:
        log = "".join(str(entry.get("stream", "")) for entry in error.build_log)
        raise LabError(f"the image cannot be built: {error.msg}\n{log[-2000:]}") from None
    except APIError as error:
        raise LabError(f"the image cannot be built: {error.explanation}") from None
