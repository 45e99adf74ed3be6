"""Package families: what the tools that install packages read, by the name that a platform has.

A family knows where a repository is written down, and how.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from generator.claims import File, Repository


class Family(Protocol):
    """What each module of this package offers."""

    def files(self, repository: Repository) -> Iterator[File]: ...


def load(name: str) -> Family:
    """The family of that name, or of that module."""
    module = import_module(name if "." in name else f"{__name__}.{name}")
    return cast(Family, module)
