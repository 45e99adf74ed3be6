"""A package is installed, and completely so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import states
from verify.readers.compare import same
from verify.readers.packages import answered


@dataclass(frozen=True, slots=True)
class Want:
    """The name as the platform's package manager has it."""

    name: Word


@dataclass(frozen=True, slots=True)
class Seen:
    """The package manager's own words: `installed`, `unpacked`, `config-files`, … or `absent`."""

    state: str
    flag: str = "ok"
    version: str = ""


def commands(want: Want) -> Mapping[str, Command]:
    """The package manager's own answer."""
    return {"package": states.package(want.name)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A package that is not there is an answer; a manager that says nothing is none."""
    return Seen(*answered(want.name, outputs["package"]))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A half-configured package is not installed; one that needs a reinstall is not whole."""
    return same("state", "installed", seen.state) + same("error flag", "ok", seen.flag)
