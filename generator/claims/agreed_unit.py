"""A unit that somebody else may have there by agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedUnit(Claim):
    """A unit that nothing of ours starts or asks for, and that may write logs and listen."""

    name: str
    noun: ClassVar[str] = "agreed unit"

    def subject(self) -> object:
        return self.name
