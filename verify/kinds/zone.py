"""A firewalld zone is the planned one: permanently, at runtime and in the kernel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """As in the zone's XML: sources as addresses or networks, ports as `24007/tcp` or `1-9/udp`.

    `rules` are `{family, source, port, protocol}` for ports open to one source only. `default`
    says that this is the zone of everybody who is bound to no other.
    """

    zone: str
    default: bool
    target: str
    sources: tuple[str, ...]
    ports: tuple[str, ...]
    rules: tuple[dict[str, str], ...]
    services: tuple[str, ...] = ()
