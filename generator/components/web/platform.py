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


Paths = TypedDict(
    "Paths",
    {
        "nginx-modules": str,
        "php-pools": str,
        "php-settings": str,
        "php-socket": str,
        "wordpress": str,
    },
)


class Users(TypedDict):
    web: str
    varnish: str


class Groups(TypedDict):
    web: str
    logs: str


class Processes(TypedDict):
    nginx: str
    varnish: str
    php: str


class Platform(Needs):
    """Packages, units, places and accounts that this component names."""

    family: str
    packages: Packages
    units: Units
    paths: Paths
    users: Users
    groups: Groups
    processes: Processes
