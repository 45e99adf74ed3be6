"""A secret in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from generator.claims.claim import Claim, Claims, Inverse, Line, Step
from generator.planning.expect import Need, expectation, need
from verify.contract import Expectation, Phase
from verify.kinds import secret

if TYPE_CHECKING:
    from generator.planning.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Claim):
    """A file that holds a whole secret and nothing else; its bytes are in no bundle.

    `name` is what the spec calls it. `made` is true where any random one will do, so that
    `stook secrets` may make it up; `form` is a key of `verify.kinds.secret.FORMS`.
    """

    name: str
    path: str
    owner: str
    group: str
    mode: str
    purpose: str
    made: bool = True
    form: str = "text"
    noun: ClassVar[str] = "secret file"

    @staticmethod
    def need(node: str, name: str) -> Need:
        """The check that a secret is there."""
        return need(node, secret.Want, name)

    def subject(self) -> object:
        return self.path

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        want = secret.Want(
            self.name,
            self.path,
            self.mode,
            self.owner,
            self.group,
            self.purpose,
            self.form,
        )
        yield expectation(self.node, want, self.name, self.spec, self.component, phase=Phase.BOOTED)

    def plan_lines(self) -> Iterator[Line]:
        fields = ("secret", self.path, self.name, self.mode, self.owner, self.group)
        yield Line(Step.SECRETS, fields, Inverse.REMOVE)
