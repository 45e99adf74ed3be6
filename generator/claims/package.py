"""A package to install."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from generator.claims.claim import Claim, Claims, Inverse, Line, Step
from generator.planning.expect import Need, expectation, need
from verify.contract import Expectation, Phase
from verify.kinds import package

if TYPE_CHECKING:
    from generator.planning.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Package(Claim):
    """A package to install."""

    name: str
    noun: ClassVar[str] = "package"
    plural: ClassVar[str] = "packages"

    @staticmethod
    def need(node: str, name: str) -> Need:
        """The check that a package is installed."""
        return need(node, package.Want, name)

    def subject(self) -> object:
        return self.name

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        want = package.Want(self.name)
        yield expectation(self.node, want, self.name, self.spec, self.component, phase=Phase.BAKED)

    def plan_lines(self) -> Iterator[Line]:
        yield Line(Step.PACKAGES, ("package", self.name), Inverse.KEEP)
