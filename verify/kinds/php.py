"""The running PHP has the settings that the spec means, whatever its files say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import OneLine, Word
from verify.readers import fpm
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """The account that scripts run as, settings as `ini_get` returns them, where PHP listens."""

    user: Word
    settings: Mapping[str, str]
    fastcgi: OneLine = fpm.USUAL


@dataclass(frozen=True, slots=True)
class Seen:
    """The same, as the pool that serves requests has it; "" for a setting that is not known."""

    user: str
    settings: dict[str, str]


def commands(want: Want) -> Mapping[str, Command]:
    """One request to the pool, as nginx would make it."""
    return {"state": fpm.ask(want.fastcgi, want.settings)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` for an answer without user and settings."""
    state = fpm.read(outputs["state"])
    settings = fpm.part(state, "settings", dict)
    known = {name: value for name, value in settings.items() if isinstance(value, str)}
    actual = {name: known.get(name, "") for name in want.settings}
    return Seen(fpm.part(state, "user", str), actual)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """One difference for each setting that is another."""
    return (
        *same("user", want.user, seen.user),
        *(
            difference
            for name, value in want.settings.items()
            for difference in same(name, value, seen.settings[name])
        ),
    )
