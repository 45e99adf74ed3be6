"""Lines of hosts(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.formats import Format
from generator.formats.text import decoded

if TYPE_CHECKING:
    from generator.planning.site import Node


def line(node: Node) -> str:
    """`address name aliases # zone`; the spec's own name comes first, so it is the canonical one.

    Source: hosts(5).
    """
    names = " ".join((node.address, node.name, *node.aliases))
    return f"{names} # {node.zone}" if node.zone else names


def read(content: bytes) -> None:
    """An address and a name in each. Raises ValueError."""
    import ipaddress

    for row in decoded(content).splitlines():
        address, *names = row.partition("#")[0].split()
        ipaddress.ip_address(address)
        if not names:
            raise ValueError(f"no name: {row}")


FORMAT = Format(read)
