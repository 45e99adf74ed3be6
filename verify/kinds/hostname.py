"""The node calls itself what the spec calls it, now and after a reboot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Label
from verify.readers.answers import file_text, text
from verify.readers.compare import same
from verify.readers.shell import show_file


@dataclass(frozen=True, slots=True)
class Want:
    """A single label."""

    name: Label


@dataclass(frozen=True, slots=True)
class Seen:
    """The kernel's name now, and the one that the next boot will set."""

    running: str
    static: str


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel, and the file that systemd reads at boot."""
    return {"running": Command("uname -n"), "static": Command(show_file("/etc/hostname"))}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """The first line of the file that is neither empty nor a comment counts, as in hostname(5)."""
    running = text(outputs["running"], "uname -n").strip()
    if not running:
        raise Unreadable("uname -n: it printed nothing")
    lines = (file_text(outputs["static"], "/etc/hostname") or "").splitlines()
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return Seen(running, names[0] if names else "")


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Both have to be the wanted name."""
    running = same("now", want.name, seen.running)
    return running + same("after a reboot", want.name, seen.static)
