"""A rule of sudo that somebody other than a person's claim brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class SudoRule(Claim):
    """A rule that a package or a file grants an account; `rule` is written as `sudo -l` has it.

    `settings` are the `Defaults` that come with it, as verify's kind `sudoers` writes them.
    """

    account: str
    rule: str
    settings: tuple[str, ...] = ()
    noun: ClassVar[str] = "sudo rule"

    def subject(self) -> object:
        return (self.account, self.rule)
