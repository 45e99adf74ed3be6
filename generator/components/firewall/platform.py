"""What either packet filter needs of a platform."""

from __future__ import annotations

from typing_extensions import TypedDict

from generator.platforms import Needs


class Packages(TypedDict):
    firewalld: list[str]
    nftables: list[str]


class Units(TypedDict):
    firewalld: str
    nftables: str


class Paths(TypedDict):
    firewalld: str
    nftables: str


class Platform(Needs):
    """Packages, units and places that this component names."""

    packages: Packages
    units: Units
    paths: Paths
