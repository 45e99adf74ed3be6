"""Whether the machine that probes from outside really is outside.

From an address that the spec itself lets in, an open port says nothing about everybody else; and
where nothing at all answers from there, a filtered port may be the work of a network in between.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from shlex import quote

from verify import probes
from verify.bundles import Bundle
from verify.contract import Command
from verify.gather import OUTSIDE, Answers
from verify.readers import probe
from verify.selection import Check

SOURCE = re.compile(r" src (\S+)")


def routes(checks: Sequence[Check], bundle: Bundle) -> dict[str, list[Command]]:
    """What to ask outside: under which address it reaches each node; nothing if not needed."""
    if not any(name == OUTSIDE for check in checks for name, _ in check.places()):
        return {}
    questions = [text for a in _addresses(bundle) for text in (_route(a), _echo(a))]
    return {OUTSIDE: [Command(text) for text in questions]}


def source_inside(answers: Answers, bundle: Bundle, checks: Sequence[Check]) -> str:
    """Why its probes mean nothing; empty when they do, or when the routes cannot be known."""
    listed = [n for blocks in bundle.site.networks.values() for n in blocks]
    networks = [ip_network(n) for n in (*listed, *bundle.site.facts.get("admitted", ()))]
    for address in _addresses(bundle):
        output = answers.outputs.get((OUTSIDE, _route(address)))
        match = SOURCE.search(output.out) if output and output.code == 0 else None
        source = _address(match[1]) if match else None
        if source and any(source in network for network in networks):
            return f"{source} is an address that the spec lets in: ask from elsewhere (--outside)"
    return ""


def _address(word: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(word)
    except ValueError:
        return None


def unproven(answers: Answers, checks: Sequence[Check]) -> tuple[str, ...]:
    """A note for each address where nothing answered the probes from outside, not even a ping."""
    asked: dict[str, bool] = {}
    for check in checks:
        for name, command in check.places():
            output = answers.outputs.get((OUTSIDE, command.text))
            address = command.reaches
            if name == OUTSIDE and address and output:
                responded = probe.responded(output) or _echoed(answers, address)
                asked[address] = asked.get(address, False) or responded
    return tuple(
        f"whether {address} can be reached from outside at all: nothing there answered, so what "
        "is filtered may be filtered on the way"
        for address, responded in asked.items()
        if not responded
    )


def _echoed(answers: Answers, address: str) -> bool:
    output = answers.outputs.get((OUTSIDE, _echo(address)))
    return output is not None and output.code == 0


def _echo(address: str) -> str:
    """One ICMP echo by ping, or by python3 where there is no ping."""
    return (
        f"if command -v ping >/dev/null; then ping -c 1 -W 2 {quote(address)}; "
        f"else {probes.run('echo', address)}; fi"
    )


def _route(address: str) -> str:
    return f"ip -o route get {quote(address)}"


def _addresses(bundle: Bundle) -> list[str]:
    nodes = bundle.site.nodes.values()
    return sorted({address for node in nodes for address in node["addresses"].values()})
