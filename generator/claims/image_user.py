"""An account that came with the machine's image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim, Inverse, Line, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUser(Claim):
    """An account that the image makes, which stays as it is, or is closed.

    `groups` are those that it is in, `rule` what sudo grants it, as `sudo -l` prints that, in the
    file `sudoers`. It is closed when all else is done: until then it may be the only way in.
    """

    name: str
    groups: tuple[str, ...]
    rule: str
    sudoers: str
    stays: bool
    noun: ClassVar[str] = "image's user"

    def subject(self) -> object:
        return self.name

    def plan_lines(self) -> Iterator[Line]:
        if self.stays:
            yield Line(Step.LOGINS, ("login", self.name, "-"), Inverse.KEEP)
        else:
            yield Line(Step.FILES, ("absent", self.sudoers), Inverse.KEEP)
            yield Line(Step.UNITS, ("close", self.name), Inverse.KEEP)
