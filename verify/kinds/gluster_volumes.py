"""The pool has no volume but those that the spec names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import gluster
from verify.readers.compare import sets
from verify.readers.shell import gluster as ask


@dataclass(frozen=True, slots=True)
class Want:
    """Volume names."""

    names: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The names of all volumes of the pool."""

    names: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """All volumes; it takes no lock."""
    return {"volumes": Command(ask("volume", "info"), timeout=20)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Names only."""
    root = gluster.answer(outputs["volumes"], "gluster volume info")
    return Seen(tuple(gluster.field(volume, "name") for volume in root.iter("volume")))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Both directions."""
    return sets("volume", want.names, seen.names)
