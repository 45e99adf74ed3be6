"""What the kernel of each node is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.planning.site import Site
from tests.example_component.model import Sysctl


@dataclass(frozen=True, slots=True)
class Layout:
    """`settings` are of all `nodes`, by the key of the spec."""

    nodes: tuple[str, ...]
    settings: Mapping[str, str]


def dotted(key: str) -> str:
    """A name with dots: sysctl.d(5) takes slashes as well, and the first separator decides."""
    separator = next((character for character in key if character in "./"), ".")
    return key if separator == "." else key.translate({ord("/"): ".", ord("."): "/"})


def resolve(site: Site) -> Layout | None:
    """The part of a site, or None where the spec has none."""
    spec = site.spec.part(Sysctl)
    if spec is None:
        return None
    settings = {key: str(value) for key, value in spec.settings.items()}
    return Layout(tuple(members(site)), settings)


def members(site: Site) -> Iterable[str]:
    """The nodes that the component is on."""
    spec = site.spec.part(Sysctl)
    return site.select(spec.nodes) if spec else ()
