"""Ports that a process which is not root's connects to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Claim):
    """A TCP port, or a range, of this machine or of another, that an account of a daemon needs.

    It must be none of those that only root may connect to.
    """

    first: int
    last: int
    noun: ClassVar[str] = "connection"

    def subject(self) -> object:
        return (self.first, self.last)
