"""What goes on with some of a volume's bricks gone: one table for predictions and for daemons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.reading import from_yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """A row of table.yaml, whose head says what its keys mean."""

    name: str
    volume: str
    down: list[str]
    read: bool
    write: bool
    options: dict[str, str] = field(default_factory=dict)
    glusterd: list[str] = field(default_factory=list)
    remount: bool = False
    create: bool = False
    heals: bool = True

    @property
    def lost(self) -> list[str]:
        """All nodes whose brick does not serve."""
        return [*self.down, *self.glusterd]


def rows() -> Iterator[Row]:
    """All rows, in order."""
    for item in from_yaml((FOLDER / "table.yaml").read_text("utf-8")):
        yield Row(**item)


def site(platform: str = "debian-12") -> str:
    """The spec of the pool, on a platform."""
    return _spec("site.yaml", platform)


def odd(platform: str = "debian-12") -> str:
    """The spec of a pool with what few have."""
    return _spec("odd.yaml", platform)


def _spec(name: str, platform: str) -> str:
    spec: dict[str, Any] = from_yaml((FOLDER / name).read_text("utf-8"))
    return yaml.safe_dump(spec | {"platform": platform}, sort_keys=False)
