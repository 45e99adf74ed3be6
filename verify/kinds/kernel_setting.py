"""A setting of the kernel has the planned value, now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output
from verify.forms import OneLine, Word
from verify.readers.answers import text
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """`name` with dots, as sysctl(8) has it; several values are between blanks."""

    name: Word
    value: OneLine


@dataclass(frozen=True, slots=True)
class Seen:
    """What the kernel says."""

    value: str


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel's own file: a file of sysctl.d(5) is only a wish."""
    return {"value": Command(f"cat -- {quote(_file(want))}")}


def _file(want: Want) -> str:
    return f"/proc/sys/{want.name.replace('.', '/')}"


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` where the kernel has no such setting."""
    return Seen(" ".join(text(outputs["value"], f"cat {_file(want)}").split()))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Equal but for the blanks between values."""
    return same("value", " ".join(want.value.split()), seen.value)
