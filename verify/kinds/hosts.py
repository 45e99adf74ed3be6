"""The node resolves every name of the site to the spec's address and to no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import text
from verify.readers.compare import sets


@dataclass(frozen=True, slots=True)
class Want:
    """Each entry is `(address, name, alias…)`."""

    entries: tuple[tuple[str, ...], ...]


UNRESOLVED = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """Each name with all the addresses that it resolves to."""

    addresses: dict[str, tuple[str, ...]]


def wanted(want: Want) -> dict[str, set[str]]:
    """Each name and alias with its addresses: one name may have one of either family."""
    table: dict[str, set[str]] = {}
    for address, *names in want.entries:
        for name in names:
            table.setdefault(name, set()).add(address)
    return table


def commands(want: Want) -> Mapping[str, Command]:
    """The resolver is asked, as every daemon asks it; the file is not read."""
    ask = "getent --no-addrconfig ahosts"
    return {name: Command(f"{ask} {quote(name)}") for name in wanted(want)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A name that is not found has no address."""
    return Seen({name: _addresses(name, outputs[name]) for name in wanted(want)})


def _addresses(name: str, output: Output) -> tuple[str, ...]:
    printed = text(output, f"getent ahosts {name}", codes=(0, UNRESOLVED))
    if output.code == 0 and not printed.strip():
        raise Unreadable(f"getent ahosts {name}: it printed nothing")
    return tuple(sorted({line.split()[0] for line in printed.splitlines() if line.strip()}))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A second address is as wrong as a missing one: it may be a loopback address."""
    return tuple(
        difference
        for name, addresses in wanted(want).items()
        for difference in sets(name, addresses, seen.addresses[name])
    )
