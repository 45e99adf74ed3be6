"""Lines of ours between those of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from generator.claims.claim import Claim, Claims, Inverse, Line, Step
from generator.planning.expect import expectation, shared_list
from verify.contract import Expectation, Level, Phase
from verify.kinds import block

if TYPE_CHECKING:
    from generator.planning.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Claim):
    """Lines of ours in a file that others write too. `shared` names the list in site.json."""

    path: str
    lines: tuple[str, ...]
    shared: str = ""
    format: str = "text"
    noun: ClassVar[str] = "block"
    plural: ClassVar[str] = "blocks"

    def subject(self) -> object:
        return self.path

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        lines: Any = shared_list(f"{self.shared}-block") if self.shared else self.lines
        yield expectation(
            self.node,
            block.Want(self.path, site.name, lines),
            self.path.lstrip("/"),
            self.spec,
            self.component,
            level=Level.FILE,
            phase=Phase.BAKED,
        )

    def plan_lines(self) -> Iterator[Line]:
        yield Line(Step.BLOCKS, ("block", self.path), Inverse.REMOVE)
