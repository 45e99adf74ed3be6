"""A unit of systemd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from generator.claims.claim import Claim, Claims, Inverse, Line, Step
from generator.claims.package import Package
from generator.planning.expect import Need, expectation, need
from verify.contract import Expectation, Phase
from verify.kinds import service

if TYPE_CHECKING:
    from generator.planning.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit(Claim):
    """A unit that is enabled and active.

    When one of the files in `watch` has changed, `change` is done: `restart`, `reload`, or the
    path of a script. `blocking` is false where starting it must not be waited for. `active` is
    the state it rests in, as `systemctl show` has it. It is left off until its `secrets` are there.
    """

    name: str
    change: str = ""
    watch: tuple[str, ...] = ()
    blocking: bool = True
    active: str = "active"
    packages: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    within: int = 30
    noun: ClassVar[str] = "unit"
    plural: ClassVar[str] = "units"

    @staticmethod
    def need(node: str, name: str) -> Need:
        """The check that a unit is as it is claimed."""
        return need(node, service.Want, name)

    def subject(self) -> object:
        return self.name

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        yield expectation(
            self.node,
            service.Want(self.name, self.active),
            self.name,
            self.spec,
            self.component,
            phase=Phase.BOOTED,
            needs=(Package.need(self.node, name) for name in self.packages),
            within=self.within,
        )

    def plan_lines(self) -> Iterator[Line]:
        start = "start" if self.blocking else "no-block"
        fields = ("unit", self.name, start, self.change, ",".join(self.watch))
        yield Line(Step.UNITS, fields, Inverse.STOP)
        for secret in self.secrets:
            yield Line(Step.UNITS, ("unit-secret", self.name, secret), Inverse.KEEP)
