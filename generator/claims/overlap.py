"""Things of one node that get into each other's way: ports in ranges, files below mounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from generator.claims.block import Block
from generator.claims.claim import CONFLICT, Claims
from generator.claims.connection import Connection
from generator.claims.egress import Egress
from generator.claims.file import File
from generator.claims.mount import Mount
from generator.claims.port import Port
from generator.claims.secret import Secret
from generator.language.findings import Finding, Path

Span = Port | Egress | Connection


def overlaps(nodes: Iterable[str], claims: Claims) -> Iterator[Finding]:
    """A finding for each two places of the spec, on the first node where they meet."""
    reported: set[frozenset[object]] = set()
    hiding: set[Path] = set()
    for node in nodes:
        for one, other in (*_listeners(claims, node), *_shut_out(claims, node)):
            places = frozenset({one.spec, other.spec})
            if places not in reported:
                reported.add(places)
                message = (
                    f"{one.role} wants {_named(one)} on `{node}`, and {other.role} {_named(other)}"
                )
                yield CONFLICT.at(one.spec, message, also=(other.spec,))
        for mount, path, role in _hidden(claims, node):
            message = f"the mount at `{mount.path}` on `{node}` would hide `{path}` of {role}"
            if mount.spec not in hiding:
                hiding.add(mount.spec)
                yield CONFLICT.at(mount.spec, message)


def _hidden(claims: Claims, node: str) -> Iterator[tuple[Mount, str, str]]:
    """What is written before anything is mounted, and read afterwards."""
    written: tuple[File | Block | Secret, ...]
    written = (*claims.of(File, node), *claims.of(Block, node), *claims.of(Secret, node))
    for mount in claims.of(Mount, node):
        for one in written:
            if f"{one.path}/".startswith(f"{mount.path}/"):
                yield mount, one.path, one.role


def _named(one: Span) -> str:
    span = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
    if isinstance(one, Egress):
        return f"{span} for root alone"
    return f"to connect to {span}" if isinstance(one, Connection) else f"port {span}"


def _listeners(claims: Claims, node: str) -> Iterator[tuple[Span, Span]]:
    """Two daemons that one port is for; a component judges its own ones itself."""
    ports = sorted(claims.of(Port, node), key=lambda one: (one.protocol, one.first, -one.last))
    for _, group in groupby(ports, key=lambda one: one.protocol):
        same = list(group)
        for index, one in enumerate(same):
            for other in _until(same[index + 1 :], one.last):
                if other.component != one.component:
                    yield (one, other) if _width(one) >= _width(other) else (other, one)


def _width(one: Port) -> int:
    return one.last - one.first


def _until(ports: Sequence[Port], last: int) -> Iterator[Port]:
    for one in ports:
        if one.first > last:
            return
        yield one


def _shut_out(claims: Claims, node: str) -> Iterator[tuple[Span, Span]]:
    needed = claims.of(Connection, node)
    for closed in claims.of(Egress, node):
        for one in needed:
            if one.first <= closed.last and closed.first <= one.last:
                yield closed, one
