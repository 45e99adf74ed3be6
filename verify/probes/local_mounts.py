"""The file systems of a node on which a setuid file lifts somebody up: a part of others."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

LOCAL = re.compile(
    r"ext[234]|xfs|btrfs|bcachefs|zfs|f2fs|jfs|overlay|aufs|squashfs|tmpfs|ramfs|iso9660|udf"
)


def shut(state: os.stat_result) -> bool:
    """Whether nobody but root may go into a folder."""
    return not (state.st_uid or state.st_gid or state.st_mode & stat.S_IXOTH)


def mounts(table: str) -> Iterator[tuple[str, str]]:
    """Each mount point of mountinfo (proc(5)), with its device where it is to be looked through."""
    for line in table.splitlines():
        head, _, tail = line.partition(" - ")
        _, _, device, root, path, options, *_ = head.split(" ")
        local = LOCAL.fullmatch(tail.split(" ")[0]) and "nosuid" not in options.split(",")
        path = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)
        yield path, f"{device} {root}" if local else ""


def roots(points: list[tuple[str, str]]) -> Iterator[str]:
    """The mount points of those that people can reach, each file system once."""
    seen = {""}
    for path, device in points:
        above = (Path(path), *Path(path).parents) if device not in seen else ()
        try:
            fresh = above and not any(shut(each.stat()) for each in above)
        except OSError:
            continue
        if fresh:
            seen.add(device)
            yield path
