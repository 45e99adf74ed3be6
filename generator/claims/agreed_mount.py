"""A mount that somebody else makes by agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedMount(Claim):
    """A mount point that nothing of ours brings, and that is not beyond the spec."""

    path: str
    noun: ClassVar[str] = "agreed mount"

    def subject(self) -> object:
        return self.path
