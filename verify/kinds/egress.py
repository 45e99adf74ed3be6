"""Ports that are for root's processes are shut to all others, by the rule that the kernel has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import nftables
from verify.readers.compare import sets


@dataclass(frozen=True, slots=True)
class Want:
    """A table of family inet that does nothing but refuse these ports, `N` or `N-M`."""

    table: Word
    ports: tuple[Word, ...]


HOOK = "filter output 0 accept"
# The first packet of a connection, from a socket that is not root's.
FIRST = "meta skuid != 0 tcp flags &ack,fin,rst,syn syn tcp dport"


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel alone, which has what no file says."""
    return nftables.ask(want.table)


def parse(want: Want, outputs: Mapping[str, Output]) -> nftables.Seen:
    """No such table is an answer."""
    return nftables.seen(want.table, outputs)


def judge(want: Want, seen: nftables.Seen) -> tuple[Difference, ...]:
    """Whatever the rule does not refuse, any local account may connect to."""
    if seen.table is None:
        return nftables.unlike(want.table, None, HOOK, "output")
    chains = seen.table.chains
    rule = f'{FIRST} {",".join(sorted(want.ports))} reject {{"type": "tcp reset"}}'
    return (
        *nftables.unlike(want.table, seen.table, HOOK, "output"),
        *sets("on the way out", (rule,), chains.get("output", ())),
    )
