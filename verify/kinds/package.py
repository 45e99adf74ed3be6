"""A package is installed, and completely so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import text
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """The name as the platform's package manager has it."""

    name: str


NOT_INSTALLED = ("no packages found matching", "is not installed")


@dataclass(frozen=True, slots=True)
class Seen:
    """The package manager's own words: `installed`, `unpacked`, `config-files`, … or `absent`."""

    state: str
    flag: str = "ok"
    version: str = ""


def commands(want: Want) -> Mapping[str, Command]:
    """dpkg where there is one, else rpm."""
    name = quote(want.name)
    return {
        "package": Command(
            "if command -v dpkg-query >/dev/null; then dpkg-query -W -f "
            f"'${{db:Status-Status}} ${{db:Status-Eflag}} ${{Version}}\\n' {name}; "
            f"else rpm -q --qf 'installed ok %{{VERSION}}-%{{RELEASE}}\\n' {name}; fi"
        )
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Both managers say with exit code 1, and in words, that a package is not there."""
    output = outputs["package"]
    if output.code == 1 and any(words in output.out + output.err for words in NOT_INSTALLED):
        return Seen("absent")
    words = text(output, f"package {want.name}").split()
    if len(words) < 2:
        raise Unreadable(f"package {want.name}: cannot read {output.out!r}")
    return Seen(words[0], words[1], words[2] if len(words) > 2 else "")


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A half-configured package is not installed; one that needs a reinstall is not whole."""
    return same("state", "installed", seen.state) + same("error flag", "ok", seen.flag)
