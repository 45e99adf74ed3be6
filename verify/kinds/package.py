"""A package is installed, and completely so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """The name as the platform's package manager has it."""

    name: str
