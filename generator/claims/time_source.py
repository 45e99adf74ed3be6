"""A time server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSource(Claim):
    """A time server."""

    server: str
    noun: ClassVar[str] = "time server"

    def subject(self) -> object:
        return self.server
