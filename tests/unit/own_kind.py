"""A kind of somebody's own, outside of `verify.kinds`: a line that a file shall have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.readers import compare
from verify.readers.answers import text


@dataclass(frozen=True, slots=True)
class Want:
    """The release that `/etc/release` shall name."""

    release: str


def commands(want: Want) -> Mapping[str, Command]:
    return {"release": Command("cat /etc/release")}


def parse(want: Want, outputs: Mapping[str, Output]) -> str:
    return text(outputs["release"], "cat").strip()


def judge(want: Want, seen: str) -> tuple[Difference, ...]:
    return compare.same("release", want.release, seen)
