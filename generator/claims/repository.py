"""A repository of packages, whatever its family calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository(Claim):
    """A repository beside the platform's own; the family of the platform writes its files.

    `key` is the armored public key of its signer, "" where there is none.
    """

    name: str
    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    key: str
    trusted: bool
    priority: int | None
    noun: ClassVar[str] = "repository"
    plural: ClassVar[str] = "repositories"

    def subject(self) -> object:
        return self.name
