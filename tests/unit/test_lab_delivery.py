"""What is copied into a node, and as whose."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from verify.lab import delivery


def members(archive: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {entry.name: entry for entry in tar.getmembers()}


def test_a_bundle_belongs_to_root_and_keeps_its_modes(tmp_path: Path) -> None:
    (tmp_path / "apply").write_text("#!/bin/sh\n")
    (tmp_path / "apply").chmod(0o755)
    entry = members(delivery.folder(tmp_path))["./apply"]
    assert (entry.uid, entry.uname, entry.mode) == (0, "root", 0o755)


def test_secrets_are_files_that_only_root_may_read() -> None:
    found = members(delivery.secrets({"db-password": "x\u00e4"}))
    modes = {name: (entry.mode, entry.uid, entry.size) for name, entry in found.items()}
    assert modes == {
        "stook": (0o755, 0, 0),
        "stook/secrets": (0o700, 0, 0),
        "stook/secrets/db-password": (0o600, 0, 3),
    }
    assert members(delivery.private("etc/x", "y"))["etc/x"].mode == 0o600


def test_a_seed_is_packed_where_the_bundle_has_it_packed(tmp_path: Path) -> None:
    (tmp_path / "meta-data").write_text("instance-id: a\n")
    (tmp_path / "user-data").write_text("#cloud-config\n")
    assert {name: entry.size for name, entry in members(delivery.seed(tmp_path)).items()} == {
        "cloud/seed/nocloud/user-data": 14,
        "cloud/seed/nocloud/meta-data": 15,
    }
    (tmp_path / "user-data.gz").write_bytes(b"packed")
    assert members(delivery.seed(tmp_path))["cloud/seed/nocloud/user-data"].size == 6
