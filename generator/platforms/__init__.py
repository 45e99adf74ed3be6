"""Target operating systems, one YAML file each, and the schema those files follow."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Os(_Part):
    """`ID` and `VERSION_ID` of /etc/os-release."""

    id: str
    version: str


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
    firewall: Literal["firewalld", "nftables"]
    packages: dict[str, list[str]]
    units: dict[str, str]
    paths: dict[str, str]
    versions: dict[str, str]
    processes: dict[str, str]
    listeners: list[Listener]
    quirks: dict[str, str]


@cache
def names() -> tuple[str, ...]:
    """The platforms that can be asked for, sorted."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


@cache
def load(name: str) -> Platform:
    """The platform of that name. Raises KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text("utf-8")
    return Platform.model_validate(yaml.load(text, Loader=Loader))
