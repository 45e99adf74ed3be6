"""A whole file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from generator.claims.claim import Claim, Claims, Inverse, Line, Step
from generator.formats import load
from generator.planning.expect import Need, expectation, need
from generator.rendering.body import Template, body, sha256
from verify.contract import Expectation, Level, Phase
from verify.kinds import file

if TYPE_CHECKING:
    from generator.planning.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Claim):
    """A whole file. Its `format` is a module of `generator.formats`."""

    path: str
    body: Template | bytes
    mode: str = "0644"
    owner: str = "root"
    group: str = "root"
    format: str = "text"
    early: bool = False
    noun: ClassVar[str] = "file"
    plural: ClassVar[str] = "files"

    @staticmethod
    def need(node: str, path: str) -> Need:
        """The check that a file is as it is claimed."""
        return need(node, file.Want, path.lstrip("/"))

    def subject(self) -> object:
        return self.path

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        yield expectation(
            self.node,
            file.Want(self.path, sha256(body(self.body)), self.mode, self.owner, self.group),
            self.path.lstrip("/"),
            self.spec,
            self.component,
            level=Level.FILE,
            phase=Phase.BAKED,
        )

    def plan_lines(self) -> Iterator[Line]:
        if self.early:
            yield Line(Step.REPOSITORIES, ("repository", self.path), Inverse.REMOVE)
        form = load(self.format)
        name, validator = "", form.validator
        if validator:
            name = validator.name
            fields = (name, validator.when, validator.command, validator.refusal)
            yield Line(Step.FILES, ("validator", *fields), Inverse.KEEP)
        file = ("file", self.path, self.mode, self.owner, self.group, name)
        yield Line(Step.FILES, file, Inverse.REMOVE)
        if form.included_by:
            head = ("head", form.included_by, self.path)
            yield Line(Step.BLOCKS, head, Inverse.REMOVE)
