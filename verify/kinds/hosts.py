"""The node resolves every name of the site to the spec's address and to no other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Each entry is `(address, name, alias…)`."""

    entries: tuple[tuple[str, ...], ...]
