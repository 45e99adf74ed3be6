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
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generator.platforms import families

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]


FOLDER = Path(__file__).parent
# The list of site.json that has a platform's programs of that name begins so.
PRIVILEGED = "privileged"
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


class ImageUser(_Part):
    """The account that cloud-init makes in this system's images, whose keys are the provider's.

    `name` is by provider, "" all others; an empty one says that there is none, or that whoever
    makes the machine names it.
    """

    name: dict[str, str]
    groups: list[str]
    rule: str
    sudoers: str
    source: str


class Platform(_Part):
    """What an operating system calls things and brings along, each with its source."""

    platform: str
    os: Os
    family: str
    firewall: Literal["firewalld", "nftables"]
    packages: dict[str, list[str]] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)
    paths: dict[str, str] = Field(default_factory=dict)
    users: dict[str, str] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    processes: dict[str, str] = Field(default_factory=dict)
    listeners: list[Listener] = Field(default_factory=list)
    sudo_rules: list[str] = Field(default_factory=list)
    privileged: dict[str, list[str]] = Field(default_factory=dict)
    sudo_settings: list[str] = Field(default_factory=list)
    image_user: ImageUser | None = None
    accounts: dict[str, list[str]] = Field(default_factory=dict)
    quirks: dict[str, str] = Field(default_factory=dict)


# What a component may add to: the tables of the above.
TABLES = frozenset(
    ("packages", "units", "paths", "users", "groups", "versions", "processes", "quirks")
)


class Unusable(ValueError):  # noqa: N818 - says what the data is
    """A platform's data that is not as it has to be; the message says where and why."""


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
    tables: dict[str, Any] = {name: {} for name in TABLES}
    for one in needs:
        for name, keys in one.model_validate(data).model_dump().items():
            if isinstance(keys, dict):
                tables[name] |= keys
    return Platform.model_validate(data | tables)


@cache
def names() -> tuple[str, ...]:
    """The platforms that can be asked for, sorted."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))


@cache
def load(name: str, further: tuple[Path, ...] = ()) -> Platform:
    """The platform of that name, with what `further` folders add to its tables.

    Raises KeyError when there is none, and Unusable where its data is not as it has to be.
    """
    if name not in names():
        raise KeyError(name)
    data = _read(FOLDER / f"{name}.yaml")
    for file in (folder / f"{name}.yaml" for folder in further):
        if file.is_file():
            _add(data, file)
    try:
        platform = Platform.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Unusable(f"{name}.yaml: `{where}`: {first['msg']}") from None
    if platform.platform != name:
        raise Unusable(f"{name}.yaml: `platform`: {platform.platform} is not the file's name")
    if not families.known(platform.family):
        raise Unusable(f"{name}.yaml: `family`: there is no family {platform.family}")
    return platform


def _add(data: dict[str, Any], file: Path) -> None:
    """What a component's own file says; it may say nothing that the platform says itself."""
    for table, entries in _read(file).items():
        present = data.setdefault(table, {}) if table in TABLES else None
        if not isinstance(entries, dict) or not isinstance(present, dict):
            raise Unusable(f"{_named(file)}: `{table}` is no table, or none of a platform's")
        if twice := sorted(entries.keys() & present.keys()):
            raise Unusable(f"{_named(file)}: `{table}.{twice[0]}` is the platform's own")
        present |= entries


def _read(file: Path) -> dict[str, Any]:
    try:
        data = yaml.load(file.read_text("utf-8"), Loader=Loader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise Unusable(f"{_named(file)}: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise Unusable(f"{_named(file)}: not a mapping of tables")
    return data


def _named(file: Path) -> str:
    return "/".join(file.parts[-3:])
