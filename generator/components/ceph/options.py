"""The options of Ceph, as the daemons of each release say of themselves what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from generator.formats import tsv

TABLE = "options.tsv"


@dataclass(frozen=True, slots=True)
class Option:
    """An option as `ceph daemon NAME config help` describes it.

    `form` is its type (`values.FORMS`), `limits` the bounds of a number or the words of a text,
    `default` what a daemon has without it. `made` is what must be made for it to count, the
    `cluster` or a `daemon`, "" where it counts whenever a daemon starts. `release` is the only one
    that has it so, "" where all have.
    """

    name: str
    form: str
    limits: str
    default: str
    made: str
    release: str


@cache
def _table() -> tuple[Option, ...]:
    file = resources.files(__package__).joinpath("files", TABLE)
    return tuple(Option(*fields) for fields in tsv.rows(file.read_text("utf-8")))


@cache
def options(release: str) -> Mapping[str, Option]:
    """Every option that a release knows, by its name."""
    return {one.name: one for one in _table() if one.release in ("", release)}


@cache
def releases() -> tuple[str, ...]:
    """The releases that Stook knows the options of."""
    return tuple(sorted({one.release for one in _table()} - {""}))
