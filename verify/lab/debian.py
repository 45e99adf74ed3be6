"""The Debian root file system under all images of a lab.

From a registry where one answers, else made by mmdebstrap from the machine's own package sources;
which of the two is found out by looking.
"""

from __future__ import annotations

import platform
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, ImageNotFound

from verify.contract import OperatingSystem
from verify.lab.errors import LabError

# What stands around a site is the same whatever its nodes run.
AROUND = OperatingSystem("debian", "12", "bookworm")
REPOSITORY = "stook-lab-base"
TARGETS = "$(REPO_URI)\t$(RELEASE)\t$(CODENAME)\t$(COMPONENT)"


def obtain(client: DockerClient, os: OperatingSystem, say: Callable[[str], None]) -> str:
    """The id of an image with the bare root file system of an operating system."""
    if os.id != "debian":
        raise LabError(f"no lab for {os.id} {os.version}: labs are made of Debian's packages")
    if not os.codename:
        raise LabError("bundles of an older release do not say what a lab needs: build them again")
    public, own = f"{os.id}:{os.version}", f"{REPOSITORY}:{os.codename}"
    for name in (own, public):
        try:
            return str(client.images.get(name).id)
        except ImageNotFound:
            continue
    try:
        say(f"asking for {public}")
        return str(client.images.pull(public).id)
    except APIError:
        say(f"no registry answers: making {own} from this machine's package sources")
    return _bootstrap(client, os.codename, own)


def sources(targets: str, codename: str) -> tuple[str, ...]:
    """One-line package sources of one release, from what apt says of the sources it has.

    `targets` is the output of `apt-get indextargets` in the format `TARGETS`: what apt really
    uses, whatever files and formats it was written in.
    """
    lines = []
    for line in targets.splitlines():
        uri, release, name, component = line.split("\t")
        if name.split("-")[0].split("/")[0] == codename:
            lines.append(f"deb {uri} {release} {component}")
    return tuple(dict.fromkeys(lines))


def moved(targets: str, running: str, codename: str) -> tuple[str, ...]:
    """The sources of the release that this machine is running, as they are called for another one.

    A mirror of Debian carries all supported releases side by side.
    """
    return tuple(line.replace(f" {running}", f" {codename}") for line in sources(targets, running))


def _running() -> str:
    """The codename of the release that this machine runs."""
    try:
        return platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        return ""


def acquire(dump: str) -> tuple[str, ...]:
    """How this machine's apt reaches its sources (proxies, certificates, dates)."""
    wanted = ("Acquire::http", "Acquire::ftp", "Acquire::Check-", "Acquire::Retries")
    return tuple(line for line in dump.splitlines() if line.startswith(wanted))


def root_file_system(codename: str, target: Path, *options: str) -> None:
    """Make a minimal Debian root file system (an archive or a folder, by its name) with mmdebstrap.

    From the package sources that this machine's own apt has of that release.
    """
    targets = _targets()
    lines = sources(targets, codename) or moved(targets, _running(), codename)
    if not lines:
        raise LabError(
            f"apt has no sources of Debian {codename} here: add them and run apt-get update"
        )
    way = [f"--aptopt={line}" for line in acquire(_output("apt-config", "dump"))]
    with tempfile.TemporaryDirectory(prefix="stook-lab-") as folder:
        listing = Path(folder, "sources.list")
        listing.write_text("".join(f"{line}\n" for line in lines))
        _output(
            *("mmdebstrap", "--quiet", "--variant=minbase", "--dpkgopt=force-unsafe-io", *way),
            *(*options, codename, str(target), str(listing)),
        )


def _bootstrap(client: DockerClient, codename: str, name: str) -> str:
    with tempfile.TemporaryDirectory(prefix="stook-lab-") as folder:
        archive = Path(folder, "root.tar")
        root_file_system(codename, archive, "--include=ca-certificates")
        repository, tag = name.split(":")
        client.api.import_image_from_file(str(archive), repository=repository, tag=tag)
    return str(client.images.get(name).id)


def _targets() -> str:
    ask = ("apt-get", "indextargets", "--format", TARGETS, "Created-By: Packages", "Origin: Debian")
    targets = _output(*ask)
    if targets.strip():
        return targets
    _output("apt-get", "update", "-qq")
    return _output(*ask)


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise LabError(f"{command[0]} is missing: python -m verify.lab.host up") from None
    if done.returncode != 0:
        raise LabError(f"{command[0]} failed:\n{done.stderr.strip()[-2000:]}")
    return done.stdout
