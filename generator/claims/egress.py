"""Ports that only root's processes may connect to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from generator.claims.claim import Claim
from generator.language.findings import dotted

if TYPE_CHECKING:
    from generator.planning.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress(Claim):
    """TCP ports, on this machine and on every other, that are for processes of root alone.

    What listens there believes whoever connects from one of the nodes; so a local account must not
    be able to. The packet filter holds it, whichever backend has the way in.
    """

    first: int
    last: int
    noun: ClassVar[str] = "way out"
    plural: ClassVar[str] = "ways out"
    columns: ClassVar[tuple[str, ...]] = ("port", "who may connect to it from a node")

    def subject(self) -> object:
        return (self.first, self.last)

    @property
    def label(self) -> str:
        """The ports as nft(8) writes them: `24007`, `49152-49183`."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def row(self) -> object:
        return {"port": self.label, "user": "root", "role": self.role, "spec": dotted(self.spec)}

    def cells(self, site: Site) -> tuple[str, ...]:
        return self.label, "root"
