"""What still works with a part of the web tier down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.components.web.layout import layout
from generator.site import Site


def predict(site: Site) -> Iterator[Mapping[str, Any]]:
    """One row for every node, and one for the database."""
    found = layout(site)
    if found is None:
        return
    for name in found.nodes:
        others = [other for other in found.nodes if other != name]
        if others:
            why = f"{', '.join(others)} serve, as long as their files do"
        else:
            why = "no other node serves"
        if others and name == found.elected:
            why += "; WordPress itself is not upgraded meanwhile"
        yield _row(found.spec.wordpress.url, f"node {name}", [name], bool(others), why)
    host = found.spec.database.host
    why = "without its database WordPress answers nothing that is not in a cache"
    yield _row(found.spec.wordpress.url, f"database {host}", [], False, why)


def _row(url: str, down: str, nodes: list[str], works: bool, why: str) -> Mapping[str, Any]:
    return {
        "component": "web",
        "subject": url,
        "down": down,
        "nodes": nodes,
        "read": works,
        "write": works,
        "why": why,
        "stall_seconds": 0,
    }
