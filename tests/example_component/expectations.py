"""What only the kernel can say: the value of each setting."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claims, Unit
from generator.planning.expect import expectation
from generator.planning.site import Site
from tests.example_component import sysctl
from tests.example_component.layout import Layout, dotted
from verify.contract import Expectation, Phase


def expect(site: Site, part: Layout, claims: Claims) -> Iterator[Expectation]:
    """A check for each setting of each node."""
    for node in map(site.nodes.__getitem__, part.nodes):
        for key, value in part.settings.items():
            yield expectation(
                node.name,
                sysctl.Want(dotted(key), value),
                dotted(key),
                ("sysctl", "settings", key),
                "sysctl",
                phase=Phase.BOOTED,
                needs=(Unit.need(node.name, node.platform.units["sysctl"]),),
            )
