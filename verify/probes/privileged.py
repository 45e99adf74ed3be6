"""What makes more of whoever runs it than he is: setuid and capabilities, polkit and doas, as JSON.

What only root can reach is left out (the layers of containers lie there), and so are file systems
on which such a file counts for nothing, and those of other machines.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from verify.probes.local_mounts import mounts, roots, shut
from verify.probes.packaged import look_up

RULES = (
    *(f"{top}/polkit-1/{of}" for top in ("/etc", "/usr/share") for of in ("rules.d", "actions")),
    *("/usr/local/share/polkit-1/rules.d", "/usr/local/share/polkit-1/actions"),
    *(f"{top}/polkit-1/localauthority" for top in ("/etc", "/var/lib")),
)
DOAS = ("/etc/doas.conf", "/etc/doas.d", "/usr/local/etc/doas.conf")


class Program(NamedTuple):
    """`gives` is the mode with owner and group, or the capabilities as the kernel has them."""

    path: str
    gives: str


def search(root: str, others: set[str]) -> Iterator[Program]:
    """All programs of a file system that give something. A mount below it is not even looked at:

    what answers for it may be gone.
    """
    waiting = [root]
    while waiting:
        with suppress(FileNotFoundError, NotADirectoryError):
            for entry in os.scandir(waiting.pop()):
                if entry.is_symlink() or entry.path in others:
                    continue
                with suppress(FileNotFoundError):
                    state = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(state.st_mode) and not shut(state):
                        waiting.append(entry.path)
                    elif stat.S_ISREG(state.st_mode) and state.st_mode & 0o6111:
                        yield from given(entry.path, state)


def given(path: str, state: os.stat_result) -> Iterator[Program]:
    name = os.fsencode(path).decode(errors="backslashreplace")
    mode = stat.S_IMODE(state.st_mode)
    if mode & stat.S_ISUID or mode & 0o2010 == 0o2010:
        yield Program(name, f"{mode:o} {user(state.st_uid)}:{group(state.st_gid)}")
    held = capabilities(path)
    if held:
        yield Program(name, f"capabilities {held:x}")


def capabilities(path: str) -> int:
    """Those that it permits, in two words; an old form has one of them (capabilities(7))."""
    try:
        value = os.getxattr(path, "security.capability", follow_symlinks=False)
    except OSError:
        return 0
    words: tuple[int, ...] = struct.unpack(f"<{len(value) // 4}I", value[: len(value) // 4 * 4])
    return words[1] | (words[3] << 32 if len(words) > 4 else 0)


def user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def rules() -> Iterator[str]:
    """The files that polkit reads."""
    for folder in RULES:
        for ending in ("rules", "pkla", "policy"):
            yield from map(str, Path(folder).rglob(f"*.{ending}"))


def main() -> dict[str, object]:
    """`whole` are the paths of those that are as a package has brought them."""
    points = list(mounts(Path("/proc/self/mountinfo").read_text()))
    searched, others = list(roots(points)), {path for path, _ in points}
    programs = sorted({program for root in searched for program in search(root, others)})
    grants = sorted(rules())
    files = look_up([*(program.path for program in programs), *map(os.path.realpath, grants)])
    whole = {file.path for file in files if file.package and file.same}
    return {
        "searched": searched,
        "programs": programs,
        "whole": [path for path in dict.fromkeys(p.path for p in programs) if path in whole],
        "grants": [path for path in grants if os.path.realpath(path) not in whole],
        "doas": [path for path in DOAS if Path(path).exists()],
    }


if __name__ == "__main__":
    print(json.dumps(main()))
