"""What of a report is about earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from verify.scales import Phase, Status


class Turn(StrEnum):
    """How a check differs from what it came to in an earlier report, the worst first."""

    FAILS = "fails"
    UNKNOWN = "unknown"
    MET = "met"
    OTHER = "other"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """A check that came to something else than the last time; None where it was not there."""

    id: str
    turn: Turn
    before: Status | None
    now: Status | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run in short: when, over what, against which spec; how many checks came to which status."""

    started: str
    target: str
    phase: Phase
    spec_digest: str
    statuses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Since:
    """What is different from an earlier report, the first of `runs`; older ones follow it.

    `bundles` are the nodes whose bundle is another one: its digest then and now, empty for none.
    Of checks that were asked `only_now` or `only_then`, though nodes were held to them both times,
    nothing can be told.
    """

    runs: tuple[Run, ...]
    changes: tuple[Change, ...] = ()
    bundles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    only_now: int = 0
    only_then: int = 0
