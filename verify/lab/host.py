"""What this machine offers to a lab, and the container engine that a lab runs on.

`python -m verify.lab.host up` installs what is missing (on Debian, as root) and starts an engine
where none answers and no service manager does it; `down` stops the engine that `up` started.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from docker import DockerClient
from docker.errors import DockerException

from verify.lab.errors import LabError
from verify.lab.network import LABEL

RUN = Path("/run/stook-lab")
PID_FILE = RUN / "dockerd.pid"
LOG_FILE = RUN / "dockerd.log"
PACKAGES = {
    "dockerd": "docker.io",
    "mmdebstrap": "mmdebstrap",
    "mkfs.xfs": "xfsprogs",
    "losetup": "mount",
    "ip": "iproute2",
}
# Every machine's service manager and daemons watch files, 5 to 6 instances each (measured), and all
# root's machines share the kernel's allowance: 128 of them, without which a systemd ends at its
# start and says so to nobody (inotify(7)).
WATCHERS = Path("/proc/sys/fs/inotify/max_user_instances")
WATCHERS_NEEDED = 1024
# Number of a capability in the masks of /proc/PID/status (linux/capability.h).
CAPABILITIES = {"SYS_RESOURCE": 24}


def engine() -> DockerClient:
    """The engine that answers on this machine. Raises `LabError` when none does."""
    try:
        client = docker.from_env(timeout=120)
        client.ping()
    except DockerException as error:
        raise LabError(
            f"no container engine answers ({error}); start one, or as root on Debian: "
            "python -m verify.lab.host up"
        ) from None
    return client


def labs() -> tuple[str, ...]:
    """The labs that have running containers on this machine, by name."""
    containers = engine().containers.list(filters={"label": LABEL}) if answering() else ()
    return tuple(sorted({one.labels[LABEL] for one in containers}))


@contextmanager
def exclusive(folder: Path, what: str, wait: bool = False) -> Iterator[None]:
    """Hold one thing below `folder` while it is made: a lab by its name, or all images.

    Raises `LabError` when it is held by another process, unless it is to be waited for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{what}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError(f"{what}: is being brought up by another process") from None
        yield


def answering() -> bool:
    """Whether a container engine answers."""
    try:
        engine()
    except LabError:
        return False
    return True


def missing_capabilities(status: str | None = None) -> tuple[str, ...]:
    """Capabilities that even root has not got here, so that no container may ask for them.

    `status` is the text of `/proc/self/status`.
    """
    text = status if status is not None else Path("/proc/self/status").read_text()
    bounding = next(line for line in text.splitlines() if line.startswith("CapBnd:"))
    mask = int(bounding.split()[1], 16)
    return tuple(name for name, bit in CAPABILITIES.items() if not mask >> bit & 1)


def allow_watchers(say: Callable[[str], None], allowance: Path = WATCHERS) -> None:
    """Raise the kernel's allowance of inotify instances, until this machine boots, if it is low."""
    allowed = int(allowance.read_text())
    if allowed >= WATCHERS_NEEDED:
        return
    try:
        allowance.write_text(f"{WATCHERS_NEEDED}\n")
        say(f"fs.inotify.max_user_instances is {WATCHERS_NEEDED} now, it was {allowed}")
    except OSError as error:
        say(
            f"fs.inotify.max_user_instances is {allowed} and cannot be changed here "
            f"({error.strerror}): with many machines, some may end at their start"
        )


def missing_packages() -> tuple[str, ...]:
    """Debian packages of the programs that a lab needs and this machine has not got."""
    return tuple(package for tool, package in PACKAGES.items() if shutil.which(tool) is None)


def obstacle() -> str | None:
    """Why no lab can run here, in words; None when it can, or `up` can make it so."""
    if os.geteuid() != 0:
        return "a lab needs root: it makes loop devices and mounts file systems"
    if answering():
        return None
    if missing_packages() and shutil.which("apt-get") is None:
        return "no container engine answers, and this machine has no apt-get to install one"
    return None


def up() -> None:
    """Install what is missing and see that a container engine answers."""
    reason = obstacle()
    if reason:
        raise LabError(reason)
    packages = missing_packages()
    if packages:
        _install(packages)
    if not answering():
        _start()


def down(wait: float = 20) -> bool:
    """Stop the engine that `up` started; False when there is none.

    Raises `LabError` while somebody's lab runs on it, or when it does not end.
    """
    pid = _started()
    if pid is None:
        return False
    if running := labs():
        raise LabError(f"the engine stays: {', '.join(running)} run on it")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + wait
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > deadline:
            raise LabError(f"dockerd (process {pid}) did not stop within {wait:.0f} s")
        time.sleep(0.1)
    PID_FILE.unlink(missing_ok=True)
    return True


def _install(packages: tuple[str, ...]) -> None:
    print("installing", *packages, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "iptables", *packages]
    for command in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")


def _start(wait: float = 60) -> None:
    print("starting dockerd, log in", LOG_FILE, flush=True)
    RUN.mkdir(mode=0o755, exist_ok=True)
    with LOG_FILE.open("ab") as log:
        process = subprocess.Popen(
            ["dockerd", "--pidfile", str(PID_FILE)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + wait
    while not answering():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(LOG_FILE.read_text(errors="replace").splitlines()[-5:])
            raise LabError(f"dockerd does not answer:\n{tail}")
        time.sleep(0.2)


def _started() -> int | None:
    """The process that `up` started, if it still runs and still is that."""
    try:
        pid = int(PID_FILE.read_text())
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except (OSError, ValueError):
        return None
    return pid if name == "dockerd" else None


def main(arguments: list[str]) -> int:
    """Entry of `python -m verify.lab.host up|down`."""
    if arguments not in (["up"], ["down"]):
        print("usage: python -m verify.lab.host up|down", file=sys.stderr)
        return 2
    try:
        if arguments == ["up"]:
            up()
        elif not down():
            print("no engine of ours runs")
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
