"""A device and its file system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from generator.claims.claim import Claim, Inverse, Line, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk(Claim):
    """A device to format, once, when it carries no signature at all."""

    device: str
    filesystem: str
    uuid: str
    mount: str
    noun: ClassVar[str] = "disk"

    def subject(self) -> object:
        return self.device

    # that it is formatted is checked where it is mounted
    def plan_lines(self) -> Iterator[Line]:
        fields = ("disk", self.device, self.filesystem, self.uuid, self.mount)
        yield Line(Step.DISKS, fields, Inverse.KEEP)
