"""A file that somebody else puts on a node by agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedFile(Claim):
    """A file that nothing of ours brings, and that is not beyond the spec."""

    path: str
    noun: ClassVar[str] = "agreed file"

    def subject(self) -> object:
        return self.path
