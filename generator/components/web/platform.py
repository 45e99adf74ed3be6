"""What the web tier needs of a platform."""

from __future__ import annotations

from typing_extensions import TypedDict

from generator.platforms import Needs


class Packages(TypedDict):
    nginx: list[str]
    varnish: list[str]
    php: list[str]
    wordpress: list[str]


class Units(TypedDict):
    nginx: str
    varnish: str
    php: str
    logrotate: str


class Paths(TypedDict):
    php: str
    wordpress: str


class Processes(TypedDict):
    nginx: str
    varnish: str
    php: str


class Platform(Needs):
    """Packages, units and places that this component names."""

    packages: Packages
    units: Units
    paths: Paths
    processes: Processes
