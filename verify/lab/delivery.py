"""The two ways a bundle comes to a node: as user-data at its first boot, or by an admin's copy.

Both are copied in, not mounted: a node has no mounts but its own.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

# Where cloud-init finds the user-data (NoCloud), below a folder that every image has.
STATE, SEED = "/var/lib", "cloud/seed/nocloud"


def seed(bundle: Path) -> bytes:
    """The user-data and meta-data of a bundle, to be unpacked in `STATE`.

    A bundle that is near its provider's limit has its user-data packed too: that is what is given.
    """
    packed = bundle / "user-data.gz"
    user_data = packed if packed.exists() else bundle / "user-data"
    return _archive({f"{SEED}/user-data": user_data, f"{SEED}/meta-data": bundle / "meta-data"})


def folder(bundle: Path) -> bytes:
    """A whole bundle folder."""
    return _archive({".": bundle})


def _archive(files: Mapping[str, Path]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, path in files.items():
            tar.add(path, arcname=name, filter=_rooted)
    return packed.getvalue()


def _rooted(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
