"""What GlusterFS needs of a platform."""

from __future__ import annotations

from typing_extensions import TypedDict

from generator.platforms import Needs

Packages = TypedDict(
    "Packages",
    {
        "gluster-server": list[str],
        "gluster-client": list[str],
        "immutable": list[str],
    },
)


class Units(TypedDict):
    gluster: str


class Paths(TypedDict):
    glusterd: str


class Versions(TypedDict):
    glusterfs: str


class Platform(Needs):
    """Packages, units and places that this component names."""

    packages: Packages
    units: Units
    paths: Paths
    versions: Versions
