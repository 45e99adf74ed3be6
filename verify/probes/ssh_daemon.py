"""What an sshd is that takes connections, and when it read its files: a part of others."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from verify.probes.sshd import PROGRAM, Daemon, ask

SPACES = ("mnt", "net", "pid", "user")
NAME_SERVICE = re.compile(r"/libnss_[^/]+$")


def main_process(unit: str) -> int:
    """0 where the unit does not run."""
    return int(ask("systemctl", "show", "--value", "-p", "MainPID", "--", unit)[0])


def state_changed(unit: str) -> float:
    """When systemd last started or reloaded it. It keeps that over a reload of its own."""
    name = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):02x}" for c in unit)
    top = "org.freedesktop.systemd1"
    words = (top, f"/org/freedesktop/systemd1/unit/{name}", f"{top}.Unit", "StateChangeTimestamp")
    return int(ask("busctl", "get-property", *words)[0].split()[1]) / 1e6


def started(number: int) -> float:
    ticks = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[19])
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return booted + ticks / os.sysconf("SC_CLK_TCK")


def noted(number: int, note: str) -> float:
    """At a start and at each reload it writes its number anew: of its times the oldest counts."""
    try:
        if int(Path(note).read_text()) == number:
            times = Path(note).stat()
            return min(times.st_mtime, times.st_ctime)
    except (OSError, ValueError):
        pass
    return started(number)


def newer(paths: Iterable[str], folders: Iterable[str], since: float) -> Iterator[str]:
    """What was changed since: contents and modes, and which files there are.

    That time nobody sets, whatever he says that a thing was last changed at.
    """
    yield from (path for path in paths if Path(path).stat().st_ctime > since)
    there = (folder for folder in folders if Path(folder).is_dir())
    yield from (f"{folder}/" for folder in there if Path(folder).stat().st_ctime > since)


def elsewhere(number: int, proc: str = "/proc") -> Iterator[str]:
    """In which respects it sees another machine than who asks, or than what started it all.

    Who asks may have come in by that very sshd, and see what it sees.
    """
    its, others = Path(proc, str(number)), (Path(proc, "self"), Path(proc, "1"))
    for name in SPACES:
        if any(
            (other / "ns" / name).readlink() != (its / "ns" / name).readlink() for other in others
        ):
            yield name
    if not all((its / "root").samefile(other / "root") for other in others):
        yield "root"


def libraries(number: int) -> Iterator[str]:
    """Code in it that its program does not ask for. What an upgrade took away goes by its name."""
    needed = re.findall(r"(?m)^\s*(?:\S+ => )?(/\S+) \(0x", ask("ldd", PROGRAM)[0])
    known = {os.path.realpath(path) for path in (PROGRAM, *needed)}
    names = {path.partition(".so")[0] for path in known}
    maps = Path(f"/proc/{number}/maps").read_text()
    for path in dict.fromkeys(re.findall(r"(?m)^\S+ ..x. .*?(/.*)$", maps)):
        gone = path.endswith(" (deleted)") and path.partition(".so")[0] in names
        if path not in known and not gone and not NAME_SERVICE.search(path):
            yield path


def same_program(number: int) -> bool:
    """Whether what runs is what lies there now."""
    return Path(f"/proc/{number}/exe").samefile(PROGRAM)


def described(daemon: Daemon) -> dict[str, object]:
    return {
        "number": daemon.number,
        "program": daemon.program if same_program(daemon.number) else f"another {daemon.program}",
        "title": daemon.title,
        "elsewhere": list(elsewhere(daemon.number)),
        "libraries": list(libraries(daemon.number)),
    }
