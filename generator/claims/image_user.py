"""An account that came with the machine's image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from generator.claims.claim import Claim, Inverse, Line, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUser(Claim):
    """An account that the image makes, which stays a guest, is closed, or is one of the spec's.

    `groups` are those that it is in, `rule` what sudo grants it, as `sudo -l` prints that, in the
    file `sudoers`. It is closed when all else is done: until then it may be the only way in. An
    admin of that name has what the spec says, and nothing of what the image gave it.
    """

    name: str
    groups: tuple[str, ...]
    rule: str
    sudoers: str
    becomes: Literal["guest", "closed", "admin"]
    noun: ClassVar[str] = "image's user"

    def subject(self) -> object:
        return self.name

    @property
    def stays(self) -> bool:
        """Whether it keeps what the image gave it."""
        return self.becomes == "guest"

    def plan_lines(self) -> Iterator[Line]:
        if self.stays:
            yield Line(Step.LOGINS, ("login", self.name, "-"), Inverse.KEEP)
            return
        yield Line(Step.FILES, ("absent", self.sudoers), Inverse.KEEP)
        if self.becomes == "closed":
            yield Line(Step.UNITS, ("close", self.name), Inverse.KEEP)
        else:
            yield Line(Step.USERS, ("leave", self.name, ",".join(self.groups)), Inverse.KEEP)
