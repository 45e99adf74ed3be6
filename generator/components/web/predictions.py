"""What still works with a part of the web tier down."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.web.layout import Layout
from generator.planning.site import Site
from verify.contract import Prediction


def predict(site: Site, tier: Layout) -> Iterator[Prediction]:
    """One row for every node, and one for the database."""
    for name in tier.nodes:
        others = [other for other in tier.nodes if other != name]
        if others:
            why = f"{', '.join(others)} serve, as long as their files do"
        else:
            why = "no other node serves"
        if others and name == tier.elected:
            why += "; WordPress itself is not upgraded meanwhile"
        yield _row(tier.spec.wordpress.url, f"node {name}", (name,), bool(others), why)
    host = tier.spec.database.host
    why = "without its database WordPress answers nothing that is not in a cache"
    yield _row(tier.spec.wordpress.url, f"database {host}", (), False, why)


def _row(url: str, down: str, nodes: tuple[str, ...], works: bool, why: str) -> Prediction:
    return Prediction("web", url, down, nodes, read=works, write=works, why=why)
