"""The family of apt: sources.list(5) in the form of deb822(5), and apt_preferences(5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from generator.claims import AgreedFile, Claims, File, Package, Repository
from generator.planning.expect import shared_list
from generator.platforms import PRIVILEGED
from generator.platforms.families import deb822
from verify.kinds import package_files, privileged, repositories, startup

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from generator.planning.site import Node

FORMAT = deb822.__name__
PLACES = ("/var/lib/apt", "/var/lib/dpkg")
LOGIN = "a file of /etc/apt/auth.conf.d, mode 0600, as `machine HOST login NAME password SECRET`"


def refuses(suites: Sequence[str], components: Sequence[str]) -> str:
    """sources.list(5): a suite that ends in `/` is a path, and then there are no components."""
    flat = {suite.endswith("/") for suite in suites}
    if True in flat and (components or False in flat):
        return "a flat repository has no components"
    return "" if True in flat or components else "`components` is missing"


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


def held(node: Node, claims: Claims) -> Iterator[DataclassInstance]:
    """All four ask dpkg's database."""
    agreed = tuple(file.path for file in claims.of(AgreedFile, node.name))
    ours = tuple(file.path for file in claims.of(File, node.name))
    platform = node.platform
    installed = {package.name: None for package in claims.of(Package, node.name)}
    names = tuple(dict.fromkeys((*platform.packages["trusted"], *installed)))
    yield startup.Want((*_below(startup.FOLDERS, ours), *agreed))
    yield repositories.Want((*_below(("/etc/apt/",), ours), *agreed), platform.os.codename)
    yield package_files.Want(names, agreed)
    yield privileged.Want(shared_list(f"{PRIVILEGED}-{platform.platform}"), agreed)


def _below(folders: tuple[str, ...], paths: tuple[str, ...]) -> Iterator[str]:
    return (path for path in paths if path.startswith(folders))


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
