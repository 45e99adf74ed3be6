"""A port is open, or filtered, as seen from somewhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Address, PortNumber
from verify.readers import probe
from verify.readers.compare import same
from verify.readers.probe import Answer


@dataclass(frozen=True, slots=True)
class Want:
    """`source` is a node's name or "outside"; `expect` is "open" or "filtered".

    A refused connection is neither: it shows that no firewall stood in the way.
    """

    address: Address
    port: PortNumber
    source: str
    expect: str
    protocol: str = "tcp"


Seen = Answer


def commands(want: Want) -> Mapping[str, Command]:
    """One attempt from the source; nothing is sent to an open TCP port."""
    scope = "outside" if want.source == "outside" else f"node:{want.source}"
    return {"probe": probe.command(want.address, want.port, want.protocol, scope)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A silent UDP port answers nothing: it may be open as well as filtered."""
    answer = probe.read(outputs["probe"], want.protocol)
    if answer.word == probe.SILENT:
        raise Unreadable("probe: a UDP port that is silent may be open or filtered")
    return answer


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Says the word and what the kernel called it."""
    wrong = same("port", want.expect, seen.word)
    return (Difference("port", want.expect, str(seen)),) if wrong else ()
