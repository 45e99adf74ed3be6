"""A mount that a daemon has for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupied(Claim):
    """Nothing else is kept below that path: a daemon takes the room there, or what it finds."""

    path: str
    noun: ClassVar[str] = "place of a daemon's own"

    def subject(self) -> object:
        return self.path
