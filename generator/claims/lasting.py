"""What a thing on a node was made with, once and for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim, Inverse, Line, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting(Claim):
    """An identity that a thing keeps: with another one, what is on the node is lost from sight.

    `key` is the key of the spec that says it. `apply` refuses a bundle with another value.
    """

    name: str
    value: str
    key: str
    noun: ClassVar[str] = "identity"

    def subject(self) -> object:
        return self.name

    def plan_lines(self) -> Iterator[Line]:
        yield Line(Step.IDENTITY, ("lasting", self.name, self.value, self.key), Inverse.KEEP)
