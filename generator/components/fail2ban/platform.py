"""What fail2ban needs of a platform."""

from __future__ import annotations

from typing_extensions import TypedDict

from generator.platforms import Needs


class Packages(TypedDict):
    fail2ban: list[str]


class Units(TypedDict):
    fail2ban: str
    ssh: str


class Paths(TypedDict):
    fail2ban: str


class Groups(TypedDict):
    logs: str


class Platform(Needs):
    """Packages, units and places that this component names."""

    packages: Packages
    units: Units
    paths: Paths
    groups: Groups
