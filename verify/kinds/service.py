"""A unit is active AND enabled, not masked, and nothing of it is gone with the next boot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Unit
from verify.readers import states
from verify.readers.answers import text
from verify.readers.compare import extra, same


@dataclass(frozen=True, slots=True)
class Want:
    """States as `systemctl show` prints them (ActiveState, UnitFileState)."""

    unit: Unit
    active: str = "active"
    enabled: str = "enabled"


# What lies there somebody has put since the last boot, but for what systemd itself makes of fstab
# and of scripts of init. What lasts is another kind's.
RUNTIME = re.compile(r"/run/(?!systemd/generator(\.early|\.late)?/)")


@dataclass(frozen=True, slots=True)
class Seen:
    """The properties as systemd prints them, and the files of it that do not last."""

    load: str
    active: str
    sub: str
    enabled: str
    result: str
    runtime: tuple[str, ...] = ()


def commands(want: Want) -> Mapping[str, Command]:
    """`show` and not `is-active`: one question, and it tells a failed unit from a stopped one."""
    return {"show": states.unit(want.unit)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` when a property is missing: systemd did not answer."""
    lines = text(outputs["show"], f"systemctl show {want.unit}").splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    lost = [name for name in states.PROPERTIES if name not in values]
    if lost:
        raise Unreadable(f"systemctl show {want.unit}: no {', '.join(lost)}")
    files = (path for name in states.FILES for path in values.get(name, "").split())
    runtime = tuple(path for path in files if RUNTIME.match(path))
    load, active, sub, enabled, result = (values[name] for name in states.PROPERTIES)
    return Seen(load, active, sub, enabled, result, runtime)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """An unknown or masked unit is named as such before anything else."""
    return same("unit", "loaded", seen.load) or (
        *_active(want, seen),
        *same("enabled", want.enabled, seen.enabled),
        *extra("set until the next boot", seen.runtime),
    )


def _active(want: Want, seen: Seen) -> tuple[Difference, ...]:
    if seen.active == want.active:
        return ()
    state = f"{seen.active} ({seen.sub}, result {seen.result or 'none'})"
    return (Difference("active", want.active, state),)
