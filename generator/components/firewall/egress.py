"""The way out: ports that only root's processes may connect to, in a table of its own.

It stands beside either backend, since neither of them touches tables of others, and is loaded
before anything of a site runs. Only the first packet of a connection is judged: what a daemon of
another account answers to a client may well go to one of these numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.claims import Claim, Claims, Egress, File, Package, Port, Template, Unit, values
from generator.planning.expect import Need, expectation
from generator.planning.site import Node
from verify.contract import Expectation, Phase
from verify.kinds import egress, egress_port

TABLE = "stook_egress"
RULES = "/etc/stook/egress.nft"
UNIT = "stook-egress.service"
ROLE, SPEC = "firewall/egress", ("networks",)


def ports(node: Node, claims: Claims) -> tuple[str, ...]:
    """The ports of one node as nft(8) writes them, in the order in which it lists them."""
    return tuple(one.label for one in sorted(claims.of(Egress, node.name), key=lambda e: e.first))


def settle(node: Node, claims: Claims) -> Iterator[Claim]:
    """The table and what loads it, where anything asks for it."""
    closed = ports(node, claims)
    if not closed:
        return
    packages = tuple(node.platform.packages["nftables"])
    for name in packages:
        yield Package(node=node.name, spec=SPEC, role=ROLE, name=name)
    unit = f"/etc/systemd/system/{UNIT}"
    filled = values({"table": TABLE, "ports": closed, "rules": RULES})
    for path, template, form in ((RULES, "egress.nft.j2", "nft"), (unit, f"{UNIT}.j2", "unit")):
        body = Template(__package__, template, filled)
        yield File(node=node.name, spec=SPEC, role=ROLE, path=path, body=body, format=form)
    yield Unit(
        node=node.name,
        spec=SPEC,
        role=ROLE,
        name=UNIT,
        change="reload",
        watch=(RULES, unit),
        packages=packages,
    )


def expect(node: Node, claims: Claims) -> Iterator[Expectation]:
    """The table in the kernel; and, where root can connect, that nobody else can."""
    closed = ports(node, claims)
    if not closed:
        return
    loaded = Unit.need(node.name, UNIT)
    yield _made(node, egress.Want(TABLE, closed), TABLE, Phase.BOOTED, loaded)
    numbers = {one.first for one in claims.of(Egress, node.name) if one.first == one.last}
    for port in claims.of(Port, node.name):
        if port.protocol == "tcp" and port.first == port.last and port.first in numbers:
            want = egress_port.Want(node.address, port.first)
            needs = (loaded, Port.need(node.name, port.label))
            yield _made(node, want, port.label, Phase(port.phase), *needs)


def _made(node: Node, want: Any, subject: str, phase: Phase, *needs: Need) -> Expectation:
    return expectation(node.name, want, subject, SPEC, "firewall", phase=phase, needs=needs)
