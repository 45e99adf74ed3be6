"""The scales of the contract: how far, when, how bad, and what came of it."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How far a check goes: our own files, the node's real state, or what the system does."""

    FILE = "file"
    STATE = "state"
    BEHAVIOUR = "behaviour"


class Phase(StrEnum):
    """The points of a deployment at which an expectation becomes due, in order."""

    BAKED = "baked"
    BOOTED = "booted"
    CLUSTERED = "clustered"
    STEADY = "steady"
    REBOOTED = "rebooted"

    def due(self, now: Phase) -> bool:
        """Whether something due at this phase is due `now`."""
        return [*Phase].index(self) <= [*Phase].index(now)


class Severity(StrEnum):
    """How bad it is that an expectation is not met."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Status(StrEnum):
    """What a check came to: only `PASS` is good news. `ELSEWHERE` is for another place to say."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    PENDING = "pending"
    ELSEWHERE = "elsewhere"
