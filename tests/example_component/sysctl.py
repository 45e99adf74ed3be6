"""A setting of the kernel has the value that the spec gives it, now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """`name` with dots, as sysctl(8) prints it; several values are between blanks."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the kernel says."""

    value: str


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel, through sysctl(8)."""
    return {"value": Command(f"sysctl -n -- {quote(want.name)}")}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Values of a list are between tabs there, and between blanks for people."""
    output = outputs["value"]
    if output.code != 0:
        raise Unreadable(f"sysctl -n {want.name}: {output.err.strip() or 'no answer'}")
    return Seen(" ".join(output.out.split()))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Equal but for the blanks between values."""
    return same("value", " ".join(want.value.split()), seen.value)
