"""A node has the addresses that the spec gives it: its peers' rules and names mean these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Address
from verify.readers.answers import WRONG, text
from verify.readers.compare import missing


@dataclass(frozen=True, slots=True)
class Want:
    """Every one of them; the node may have more."""

    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """All addresses of all interfaces, in one form."""

    addresses: tuple[str, ...]


ASKED = "ip -json address show"


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel's own table."""
    return {"addresses": Command(ASKED)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` for anything but the list that `ip` prints."""
    printed = text(outputs["addresses"], ASKED)
    try:
        addresses = [
            str(ip_address(one["local"]))
            for interface in json.loads(printed)
            for one in interface.get("addr_info", ())
            if "local" in one
        ]
    except WRONG as error:
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r} ({error})") from None
    if not addresses:
        raise Unreadable(f"{ASKED}: it shows no address at all")
    return Seen(tuple(addresses))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Without it peers reach another machine, or nobody."""
    return missing(
        "address", {str(ip_address(one)) for one in want.addresses} - set(seen.addresses)
    )
