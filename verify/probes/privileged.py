"""What makes more of whoever runs it than he is: setuid and capabilities, polkit and doas, as JSON.

What only root can reach is left out (the layers of containers lie there), and so are file systems
on which such a file counts for nothing, and those of other machines.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import stat
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from verify.probes.packaged import look_up

LOCAL = re.compile(
    r"ext[234]|xfs|btrfs|bcachefs|zfs|f2fs|jfs|overlay|aufs|squashfs|tmpfs|ramfs|iso9660|udf"
)
SHUT = ["-type", "d", "-user", "0", "-group", "0", "!", "-perm", "/001"]
FIND = ["-type", "f", "-perm", "/6111", "-printf", r"%m %U %G %p\0"]
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


def reachable(path: str) -> bool:
    """Whether anybody but root may go there."""
    states = [each.stat() for each in (Path(path), *Path(path).parents)]
    return all(one.st_uid or one.st_gid or one.st_mode & stat.S_IXOTH for one in states)


def roots(table: str) -> Iterator[str]:
    """Mount points of local file systems, each once, of the lines of mountinfo (proc(5))."""
    seen = set()
    for line in table.splitlines():
        head, _, tail = line.partition(" - ")
        _, _, device, root, path, options, *_ = head.split(" ")
        path = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)
        if "nosuid" in options.split(",") or not LOCAL.fullmatch(tail.split(" ")[0]):
            continue
        try:
            fresh = (device, root) not in seen and reachable(path)
        except OSError:
            continue
        if fresh:
            seen.add((device, root))
            yield path


def search(root: str) -> Iterator[Program]:
    """All programs of a file system that give something."""
    words = ["find", root, "-xdev", "(", *SHUT, "-prune", ")", "-o", *FIND]
    done = subprocess.run(words, capture_output=True, env={**os.environ, "LC_ALL": "C"})
    for line in done.stderr.decode(errors="replace").splitlines():
        if not line.endswith("No such file or directory"):
            sys.exit(line)
    for entry in done.stdout.split(b"\0")[:-1]:
        mode, uid, gid, path = entry.decode(errors="backslashreplace").split(" ", 3)
        if int(mode, 8) & stat.S_ISUID or int(mode, 8) & 0o2010 == 0o2010:
            yield Program(path, f"{mode} {user(int(uid))}:{group(int(gid))}")
        held = capabilities(entry.split(b" ", 3)[3])
        if held:
            yield Program(path, f"capabilities {held:x}")


def capabilities(path: bytes) -> int:
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
    searched = list(roots(Path("/proc/self/mountinfo").read_text()))
    programs = sorted({program for root in searched for program in search(root)})
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
