"""Target operating systems, one YAML file each, and the schema those files follow.

What all of them have is here. What a component needs of one it declares itself, as `Needs`: where a
platform lacks a part of that, a component on one of its nodes is a finding (P102). A component may
bring the part of a platform's tables that only it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]


FOLDER = Path(__file__).parent
# What a spec means that names none.
DEFAULT = "debian-12"


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Os(_Part):
    """`ID`, `VERSION_ID` and, where it has one, `VERSION_CODENAME` of /etc/os-release."""

    id: str
    version: str
    codename: str = ""


class Listener(_Part):
    """Something that the platform itself lets listen; addresses as `ss` writes them."""

    protocol: str
    first: int
    last: int
    addresses: list[str]
    process: str
    source: str


class Platform(_Part):
    """What an operating system calls things and brings along, each with its source."""

    platform: str
    os: Os
    family: str
    firewall: Literal["firewalld", "nftables"]
    packages: dict[str, list[str]]
    units: dict[str, str]
    paths: dict[str, str]
    users: dict[str, str]
    groups: dict[str, str]
    versions: dict[str, str]
    processes: dict[str, str]
    listeners: list[Listener]
    quirks: dict[str, str]


class Needs(BaseModel):
    """What a component needs of a platform: some of its fields, and in them the keys."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, defer_build=True)


def lacking(platform: Platform, needs: type[Needs]) -> Iterator[str]:
    """The keys that a platform has not, or has otherwise than they are needed: `packages.nginx`."""
    data = platform.model_dump()
    try:
        needs.model_validate(data)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            yield ".".join(map(str, item["loc"]))


def reduced(platform: Platform, *needs: type[Needs]) -> Platform:
    """A platform with nothing but what is needed of it: what a component that says so lives on."""
    data = platform.model_dump()
    tables: dict[str, Any] = {name: {} for name, value in data.items() if isinstance(value, dict)}
    for one in needs:
        for name, keys in one.model_validate(data).model_dump().items():
            if isinstance(keys, dict):
                tables[name] |= keys
    return Platform.model_validate(data | tables | {"os": data["os"]})


@cache
def names() -> tuple[str, ...]:
    """The platforms that can be asked for, sorted."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))


@cache
def load(name: str, further: tuple[Path, ...] = ()) -> Platform:
    """The platform of that name, with what `further` folders add to its tables.

    Raises KeyError when there is none.
    """
    if name not in names():
        raise KeyError(name)
    data = _read(FOLDER / f"{name}.yaml")
    for file in (folder / f"{name}.yaml" for folder in further):
        for table, entries in _read(file).items() if file.is_file() else ():
            data[table] = data[table] | entries
    return Platform.model_validate(data)


def _read(file: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(file.read_text("utf-8"), Loader=Loader)
    return data
