"""What is brought to a machine: a bundle as user-data or as an admin's copy, and secrets.

All are copied in, not mounted: a node has no mounts but its own.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

# Where cloud-init finds the user-data (NoCloud), and `apply` the secrets, below a folder that
# every image has.
STATE, SEED, SECRETS = "/var/lib", "cloud/seed/nocloud", "stook/secrets"
CLOUD = "/etc/cloud/cloud.cfg.d"


def seed(bundle: Path) -> bytes:
    """The user-data and meta-data of a bundle, to be unpacked in `STATE`.

    A bundle that is near its provider's limit has its user-data packed too: that is what is given.
    """
    packed = bundle / "user-data.gz"
    user_data = packed if packed.exists() else bundle / "user-data"
    return _archive({f"{SEED}/user-data": user_data, f"{SEED}/meta-data": bundle / "meta-data"})


def image_account(bundle: Path) -> bytes:
    """cloud-init's default user by the name that a bundle expects, to be unpacked in `CLOUD`.

    Source: cloud-init, cc_users_groups, `user`.
    """
    plan = bundle / "plan.tsv"
    lines = plan.read_text("utf-8").splitlines() if plan.exists() else []
    names = [name for verb, _, name in (line.partition("\t") for line in lines) if verb == "close"]
    text = "".join(f"user: {{name: {name}}}\n" for name in names[:1])
    return private("91_image.cfg", f"#cloud-config\n{text}")


def folder(bundle: Path) -> bytes:
    """A whole bundle folder."""
    return _archive({".": bundle})


def secrets(values: Mapping[str, str]) -> bytes:
    """Secrets by name, to be unpacked in `STATE`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, mode in ((str(Path(SECRETS).parent), 0o755), (SECRETS, 0o700)):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, mode
            tar.addfile(folder)
        for name, value in values.items():
            _add(tar, f"{SECRETS}/{name}", value)
    return packed.getvalue()


def private(name: str, text: str) -> bytes:
    """One file that only root may read."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        _add(tar, name, text)
    return packed.getvalue()


def _add(tar: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))


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
