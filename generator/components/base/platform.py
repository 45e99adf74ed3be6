"""What the base needs of a platform."""

from __future__ import annotations

from typing_extensions import TypedDict

from generator.platforms import Needs


class Packages(TypedDict):
    ssh: list[str]
    sudo: list[str]
    time: list[str]
    xfs: list[str]
    ext4: list[str]
    immutable: list[str]
    # what everybody who logs in runs, and what answers the checks
    trusted: list[str]


class Units(TypedDict):
    ssh: str
    time: str


class Paths(TypedDict):
    chrony: str
    ssh: str


class Groups(TypedDict):
    logs: str


class Platform(Needs):
    """Packages, units and places that this component names."""

    family: str
    packages: Packages
    units: Units
    paths: Paths
    groups: Groups
