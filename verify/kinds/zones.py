"""No firewalld zone is active but those of the spec, and the kernel really filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import firewalld
from verify.readers.answers import text
from verify.readers.compare import extra, same


@dataclass(frozen=True, slots=True)
class Want:
    """The zones that may be active, and the default one."""

    zones: tuple[Word, ...]
    default: Word


@dataclass(frozen=True, slots=True)
class Seen:
    """The active zones, the default one, and how the kernel ends what enters the host."""

    running: bool
    active: tuple[str, ...]
    default: str
    last_rule: str


def commands(want: Want) -> Mapping[str, Command]:
    """The daemon, and the kernel itself: an active zone without a table filters nothing."""
    return {
        "runtime": firewalld.ask(firewalld.RUNTIME),
        "default": firewalld.ask(firewalld.DEFAULT),
        "kernel": Command(firewalld.KERNEL),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A daemon that says it is not running, and a kernel without its table, are answers."""
    every = firewalld.zones(outputs["runtime"], firewalld.RUNTIME)
    default = text(outputs["default"], "default zone", codes=(0, firewalld.NOT_RUNNING))
    active = tuple(name for name, zone in (every or {}).items() if zone.active)
    entry = firewalld.chains(outputs["kernel"]).get("filter_INPUT", ())
    hooked = any("hook input" in rule for rule in entry)
    return Seen(every is not None, active, default.strip(), entry[-1] if hooked else "")


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """The chain of the input hook has to end in a refusal, whatever the daemon says."""
    refuses = seen.last_rule.startswith(("reject", "drop"))
    return (
        *same("firewalld", "running", "running" if seen.running else "not running"),
        *extra("active zone", set(seen.active) - set(want.zones)),
        *(same("default zone", want.default, seen.default) if seen.running else ()),
        *same("kernel, last rule", "a refusal", "a refusal" if refuses else seen.last_rule),
    )
