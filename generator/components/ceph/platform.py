"""What Ceph needs of a platform."""

from __future__ import annotations

from typing_extensions import TypedDict

from generator.platforms import Needs

Packages = TypedDict(
    "Packages",
    {
        "ceph-common": list[str],
        "ceph-mon": list[str],
        "ceph-mgr": list[str],
        "ceph-mds": list[str],
        "ceph-osd": list[str],
        "ceph-rgw": list[str],
        "ceph-volume": list[str],
        "sudo": list[str],
    },
)
Units = TypedDict(
    "Units",
    {
        "ceph-mon": str,
        "ceph-mgr": str,
        "ceph-mds": str,
        "ceph-osd": str,
        "ceph-rgw": str,
    },
)


Paths = TypedDict("Paths", {"ceph-osd-prestart": str})


class Versions(TypedDict):
    ceph: str


class Platform(Needs):
    """Packages, units and places that this component names."""

    packages: Packages
    units: Units
    paths: Paths
    versions: Versions
