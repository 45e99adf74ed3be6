"""What the component needs of a platform; `platforms/NAME.yaml` beside it brings it."""

from __future__ import annotations

from typing_extensions import TypedDict

from generator.platforms import Needs


class Packages(TypedDict):
    sysctl: list[str]


class Units(TypedDict):
    sysctl: str


class Paths(TypedDict):
    sysctl: str


class Platform(Needs):
    """The package of sysctl(8), the unit that reads the files, and the folder that it reads."""

    packages: Packages
    units: Units
    paths: Paths
