"""The pool has no volume but those that the spec names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Volume names."""

    names: tuple[str, ...]
