"""Whether the machine that probes from outside really is outside.

From an address that the spec itself lets in, an open port says nothing about everybody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from verify.bundles import Bundle
from verify.contract import Command
from verify.gather import OUTSIDE, Answers
from verify.selection import Check

SOURCE = re.compile(r" src (\S+)")


def routes(checks: Sequence[Check], bundle: Bundle) -> dict[str, list[Command]]:
    """What to ask outside: under which address it reaches each node; nothing if not needed."""
    if not any(name == OUTSIDE for check in checks for name, _ in check.places()):
        return {}
    return {OUTSIDE: [Command(_route(address)) for address in _addresses(bundle)]}


def admitted(answers: Answers, bundle: Bundle, checks: Sequence[Check]) -> str:
    """Why its probes mean nothing; empty when they do, or when the routes cannot be known."""
    networks = [ip_network(n) for listed in bundle.site.networks.values() for n in listed]
    for address in _addresses(bundle):
        output = answers.outputs.get((OUTSIDE, _route(address)))
        found = SOURCE.search(output.out) if output and output.code == 0 else None
        source = ip_address(found[1]) if found else None
        if source and any(source in network for network in networks):
            return f"{source} is an address of the site itself: ask from elsewhere (--outside)"
    return ""


def _route(address: str) -> str:
    return f"ip -o route get {address}"


def _addresses(bundle: Bundle) -> list[str]:
    nodes = bundle.site.nodes.values()
    return sorted({address for node in nodes for address in node["addresses"].values()})
