"""Ports that are for root's processes are shut to all others, by the rule that the kernel has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import nftables
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """A table of family inet that does nothing but refuse these ports, `N` or `N-M`."""

    table: Word
    ports: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The table in the kernel; None where there is none."""

    table: nftables.Table | None


HOOK = "filter output 0 accept"
# The first packet of a connection, from a socket that is not root's.
FIRST = "meta skuid != 0 tcp flags &ack,fin,rst,syn syn tcp dport"


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel alone: neither a file nor a unit that says active refuses anything."""
    return {"kernel": Command(_ask(want))}


def _ask(want: Want) -> str:
    return f"nft -j list table inet {quote(want.table)}"


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """No such table is an answer."""
    return Seen(nftables.table(outputs["kernel"], _ask(want)))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Whatever the rule does not refuse, any local account may connect to."""
    if seen.table is None:
        return (Difference("kernel", f"table inet {want.table}", "no such table"),)
    chains = seen.table.chains
    rule = f'{FIRST} {",".join(sorted(want.ports))} reject {{"type": "tcp reset"}}'
    return (
        *same("flags of the table", "", seen.table.flags),
        *sets("chain", ("output",), chains),
        *sets("hook", (f"output: {HOOK}",), (f"{k}: {v}" for k, v in seen.table.hooks.items())),
        *sets("on the way out", (rule,), chains.get("output", ())),
    )
