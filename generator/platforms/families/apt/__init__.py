"""The family of apt: sources.list(5) in the form of deb822(5), and apt_preferences(5)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.claims import File, Repository
from generator.platforms.families import deb822

FORMAT = deb822.__name__


def files(repository: Repository) -> Iterator[File]:
    """The source of a repository, and its pin where it has a priority."""
    source = {
        "Types": "deb",
        "URIs": repository.uri,
        "Suites": " ".join(repository.suites),
        "Components": " ".join(repository.components),
        "Trusted": "yes" if repository.trusted else "",
        "Signed-By": repository.key,
    }
    yield _file(repository, f"/etc/apt/sources.list.d/stook-{repository.name}.sources", source)
    if repository.priority is not None:
        pin = {
            "Package": "*",
            "Pin": _pin(repository.uri),
            "Pin-Priority": str(repository.priority),
        }
        yield _file(repository, f"/etc/apt/preferences.d/stook-{repository.name}", pin, "priority")


def _pin(uri: str) -> str:
    """What apt_preferences(5) knows a repository by: its host, or "" for a local one."""
    return f'origin "{urlsplit(uri).hostname or ""}"'


def _file(repository: Repository, path: str, fields: dict[str, str], *key: str) -> File:
    return File(
        node=repository.node,
        spec=(*repository.spec, *key),
        role=repository.role,
        path=path,
        body=deb822.dump(fields),
        format=FORMAT,
        early=True,
    )
