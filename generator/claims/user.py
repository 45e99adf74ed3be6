"""An account of a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from generator.claims.claim import Claim, Claims, Inverse, Line, Step
from generator.planning.expect import Need, expectation, need
from verify.contract import Expectation, Phase
from verify.kinds import sudo, user

if TYPE_CHECKING:
    from generator.planning.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Claim):
    """An account that logs in by ssh keys only, which are all in `key_file`.

    `keys` are whole lines of that file, with their options; who has none does not get in.
    `rules` are written as `sudo -l` prints them.
    """

    name: str
    shell: str
    groups: tuple[str, ...]
    keys: tuple[str, ...]
    key_file: str
    rules: tuple[str, ...]
    noun: ClassVar[str] = "user"

    @staticmethod
    def need(node: str, name: str) -> Need:
        """The check that an account is as it is claimed."""
        return need(node, user.Want, name)

    def subject(self) -> object:
        return self.name

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        who, phase = (self.spec, self.component), Phase.BAKED
        account = user.Want(self.name, self.groups, self.shell, self.keys, (self.key_file,))
        yield expectation(self.node, account, self.name, *who, phase=phase)
        rights = sudo.Want(self.name, self.rules)
        yield expectation(
            self.node,
            rights,
            self.name,
            *who,
            phase=phase,
            needs=(self.need(self.node, self.name),),
        )

    def plan_lines(self) -> Iterator[Line]:
        if self.keys:
            yield Line(Step.LOGINS, ("login", self.name, self.key_file), Inverse.KEEP)
        fields = ("user", self.name, self.shell, ",".join(self.groups))
        yield Line(Step.USERS, fields, Inverse.LOCK)
