"""The `sysctl:` part of a spec."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from generator.language.spec import Names, OneLine, Part


class Sysctl(Part):
    """Settings of the kernel, from every boot on."""

    nodes: Names = Field(default_factory=list)
    """Nodes that have them; without it, all."""
    settings: Annotated[dict[OneLine, OneLine | int], Field(min_length=1)]
    """Value by name, such as `vm.swappiness: 10`."""
