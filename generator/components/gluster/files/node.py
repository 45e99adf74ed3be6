"""What this node says, runs and knows by itself: the journal, commands, the kernel's tables."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

# one try: 60 looks, 5 s apart
LOOKS = int(os.environ.get("STOOK_GLUSTER_LOOKS", "60"))
PAUSE = float(os.environ.get("STOOK_GLUSTER_PAUSE", "5"))
GLUSTERD = os.environ.get("STOOK_GLUSTERD_DIR", "/var/lib/glusterd")
PROC = os.environ.get("STOOK_PROC_DIR", "/proc")


def say(text: str) -> None:
    """A line of the journal, at once: what is awaited is read while it is awaited."""
    print(text, flush=True)


@dataclass(frozen=True)
class Done:
    """What became of a command: its exit code, and its output with its errors."""

    code: int
    text: str

    @property
    def ok(self) -> bool:
        return self.code == 0


def run(limit: int, *words: str) -> Done:
    """Run a command for at most so many seconds.

    `timeout` and not `subprocess`: it ends the helpers that `mount` and `gluster` start as well.
    """
    done = subprocess.run(
        ["timeout", "-k", "5", str(limit), *words],
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(errors="replace").rstrip("\n"))


def gluster(limit: int, *words: str) -> Done:
    return run(limit, "gluster", "--mode=script", *words)


def read(path: str) -> str | None:
    """The text of a small file, or None where there is none."""
    try:
        with Path(path).open(encoding="utf-8", errors="replace", newline="\n") as file:
            return file.read()
    except OSError:
        return None


def entries(folder: str) -> list[str]:
    """The names in a folder; none where it cannot be read."""
    try:
        return sorted(entry.name for entry in Path(folder).iterdir())
    except OSError:
        return []


def started(volume: str) -> bool:
    """As glusterd on this node knows it, from its own files."""
    info = read(f"{GLUSTERD}/vols/{volume}/info")
    return info is not None and "status=1" in info.split("\n")


def only_marked(path: str) -> bool:
    """A directory that a failed `volume create` has marked, and nothing else is in there."""
    return entries(path) == [".glusterfs"]


def unmark(path: str) -> bool:
    """Clear such a directory away; one that ever served has files in `.glusterfs`, and stays."""
    try:
        Path(path, ".glusterfs").rmdir()
        Path(path).rmdir()
    except OSError:
        return False
    return True


def mounted(path: str) -> bool:
    """From the kernel's own table: looking at a dead network mount can hang."""
    field = path.replace(" ", "\\040")
    table = read(f"{PROC}/self/mountinfo") or ""
    return any(line.split(" ")[4:5] == [field] for line in table.split("\n"))


def process(name: str, argument: str) -> bool:
    """Whether a process of that name runs with exactly that argument."""
    return any(
        (read(f"{PROC}/{number}/comm") or "").strip() == name
        and argument in (read(f"{PROC}/{number}/cmdline") or "").split("\0")
        for number in entries(PROC)
        if number.isdecimal()
    )
