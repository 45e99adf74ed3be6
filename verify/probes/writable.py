"""Who but root may write a file, or put another one in its place: a part of others."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def way(path: str) -> Iterator[Path]:
    """The file and each folder up to the root, where it is named and where links lead to."""
    real = Path(os.path.realpath(path))
    for one in (Path(path), real):
        yield from (one, *one.parents)


def writable(paths: Iterable[str], home: str = "", uid: int = 0) -> Iterator[str]:
    """All that is not root's alone to write; in `home` it may be its owner's. An ACL is seen, too:
    the mode's bits of the group are then the most that it gives."""
    for one in dict.fromkeys(step for path in paths for step in way(path)):
        try:
            status = one.stat()
        except OSError:
            continue
        own = home.strip("/") and (str(one) == home or Path(home) in one.parents)
        if status.st_uid not in ((0, uid) if own else (0,)) or status.st_mode & BY_OTHERS:
            yield f"{one} (uid {status.st_uid}, {stat.S_IMODE(status.st_mode):04o})"
