"""A port and who may reach it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from generator.claims.claim import Claim, Claims, Inverse, Line, Step, listed
from generator.claims.mount import CLUSTERING
from generator.claims.unit import Unit
from generator.language.findings import dotted
from generator.planning.expect import Need, expectation, need
from verify.contract import Expectation, Phase
from verify.kinds import listener

if TYPE_CHECKING:
    from generator.planning.site import Site

# A daemon may be active some seconds before it listens: Varnish first compiles what it is told.
STARTING = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Port(Claim):
    """A port, or a range, that a daemon listens on and who may reach it.

    `allowed_from` are addresses and networks; empty means everybody. `addresses` are local ones as
    `ss` writes them. `count` sockets must be there; 0 where it is not ours to say. `apply`
    never shuts out who is there through a port for `login`.
    """

    protocol: str
    first: int
    last: int
    allowed_from: tuple[str, ...]
    addresses: tuple[str, ...]
    process: str
    unit: str = ""
    count: int = 1
    phase: str = "booted"
    login: bool = False
    noun: ClassVar[str] = "port"
    plural: ClassVar[str] = "ports"
    columns: ClassVar[tuple[str, ...]] = ("port", "who listens", "from")

    @staticmethod
    def need(node: str, label: str) -> Need:
        """The check that something listens."""
        return need(node, listener.Want, label)

    def subject(self) -> object:
        return (self.protocol, self.first, self.last)

    @property
    def label(self) -> str:
        """As it is named in ids: `24007-tcp`, `49152-49183-tcp`."""
        span = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{span}-{self.protocol}"

    @property
    def patience(self) -> int:
        """Seconds that it is given to answer before it is believed shut."""
        return CLUSTERING if self.phase == Phase.CLUSTERED else STARTING

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        if not self.count:
            return
        want = listener.Want(
            self.protocol, self.first, self.last, self.addresses, self.process, self.count
        )
        yield expectation(
            self.node,
            want,
            self.label,
            self.spec,
            self.component,
            phase=Phase(self.phase),
            needs=(Unit.need(self.node, self.unit),) if self.unit else (),
            within=self.patience,
        )

    def plan_lines(self) -> Iterator[Line]:
        for source in self.allowed_from if self.login else ():
            yield Line(Step.LOGINS, ("ssh-from", source), Inverse.KEEP)

    def row(self) -> object:
        return {
            "port": self.label,
            "role": self.role,
            "from": list(self.allowed_from),
            "spec": dotted(self.spec),
        }

    def cells(self, site: Site) -> tuple[str, ...]:
        return self.label, self.process or self.role, _named(site, self.allowed_from)


# nodes have their lists in common, and of a large site all names would be gathered for each port
@lru_cache(maxsize=256)
def _named(site: Site, sources: tuple[str, ...]) -> str:
    """Who may reach it, by the names of nodes where they are some."""
    if not sources:
        return "everybody"
    names = {node.address: node.name for node in site.nodes.values()}
    if set(sources) == names.keys():
        return "all nodes"
    return listed([names.get(source, source) for source in sources])
