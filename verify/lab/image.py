"""The images that lab nodes boot from, cached by all that goes into them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, BuildError, ImageNotFound

from verify.contract import OperatingSystem
from verify.lab import debian
from verify.lab.errors import LabError

FILES = Path(__file__).parent / "files"
REPOSITORY = "stook-lab"
# What stands around a site: the machine outside and the time server, and the database.
AROUND = ("chrony", "curl", "netcat-openbsd", "openssh-client")
DATABASE = ("mariadb-server", "openssl")
# Of each purpose, as many images stay as the sites that one run of all tests boots.
KEEP = 8


def obtain(
    client: DockerClient,
    packages: Iterable[str],
    say: Callable[[str], None],
    os: OperatingSystem = debian.AROUND,
    purpose: str = "node",
) -> str:
    """The name of an image with these packages installed, or (purpose `bare`) as files only.

    Built when the engine has none made of the same Debian, packages and lab files; then older ones
    of the same purpose go.
    """
    root = debian.obtain(client, os, say)
    wanted = sorted(set(packages))
    target = "bare" if purpose == "bare" else "node"
    name = f"{REPOSITORY}:{purpose}-{digest(root, wanted, target)}"
    try:
        client.images.get(name)
    except ImageNotFound:
        say(f"building image {name} with {len(wanted)} packages")
        _build(client, root, wanted, target, name)
        _prune(client, name, say)
    return name


def digest(root: str, packages: Iterable[str], target: str) -> str:
    """Short name of all that an image is made of."""
    whole = hashlib.sha256(repr((root, sorted(packages), target)).encode())
    for file in sorted(FILES.iterdir()):
        whole.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def outdated(built: Mapping[str, str], newest: str) -> tuple[str, ...]:
    """The names of images that nobody will ask for again, as far as one can tell.

    `built` maps names to the times that they were built at, in a form that sorts. Kept are, beside
    `newest`, the last ones of each purpose; names without a purpose are of older releases.
    """
    retained: Counter[str] = Counter({_purpose(newest): 1})
    old = []
    for name in sorted(built, key=lambda one: built[one], reverse=True):
        if name == newest:
            continue
        retained[_purpose(name)] += 1
        if retained[_purpose(name)] > KEEP:
            old.append(name)
    return tuple(old)


def _purpose(name: str) -> str:
    return name.partition(":")[2].rpartition("-")[0]


def _prune(client: DockerClient, newest: str, say: Callable[[str], None]) -> None:
    built = {
        name: str(image.attrs["Created"])
        for image in client.images.list(name=REPOSITORY)
        for name in image.tags
        if name.startswith(f"{REPOSITORY}:")
    }
    for name in outdated(built, newest):
        # Without force, the engine refuses what a container was made from.
        with suppress(APIError):
            client.images.remove(name)
            say(f"removed image {name}: there are {KEEP} newer ones")


def _build(client: DockerClient, root: str, packages: list[str], target: str, name: str) -> None:
    try:
        client.images.build(
            path=str(FILES),
            tag=name,
            buildargs={"BASE": root, "PACKAGES": " ".join(packages), "TARGET": target},
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
