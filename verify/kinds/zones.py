"""No firewalld zone is active but those of the spec, and the kernel really filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.readers import firewalld
from verify.readers.answers import text
from verify.readers.compare import extra, same


@dataclass(frozen=True, slots=True)
class Want:
    """The zones that may be active, and the default one."""

    zones: tuple[str, ...]
    default: str


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
        "active": Command("firewall-cmd --get-active-zones"),
        "default": Command("firewall-cmd --get-default-zone"),
        "kernel": Command(firewalld.KERNEL),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Zones stand at the start of a line, what binds them is indented."""
    codes = (0, firewalld.NOT_RUNNING)
    active = text(outputs["active"], "active zones", codes)
    default = text(outputs["default"], "default zone", codes)
    names = (line.split()[0] for line in active.splitlines() if line[:1].strip())
    entry = firewalld.chains(outputs["kernel"]).get("filter_INPUT", ())
    hooked = any("hook input" in rule for rule in entry)
    running = outputs["active"].code == 0
    return Seen(running, tuple(names), default.strip(), entry[-1] if hooked else "")


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """The chain of the input hook has to end in a refusal, whatever the daemon says."""
    refuses = seen.last_rule.startswith(("reject", "drop"))
    return (
        *same("firewalld", "running", "running" if seen.running else "not running"),
        *extra("active zone", set(seen.active) - set(want.zones)),
        *(same("default zone", want.default, seen.default) if seen.running else ()),
        *same("kernel, last rule", "a refusal", "a refusal" if refuses else seen.last_rule),
    )
