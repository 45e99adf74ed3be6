"""What is to be done while a part of the web tier is down."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.web.layout import Layout
from generator.planning.component import Task
from generator.planning.site import Site
from verify.contract import Prediction


def run_book(site: Site, tier: Layout, case: Prediction) -> Iterator[Task]:
    """The database is somebody else's; a node is taken out of what leads to it."""
    if case.down.startswith("database "):
        yield Task(
            "See from the nodes whether it answers, and how.",
            "stook verify . --target ssh --only '*/database/*'",
        )
        yield Task(
            f"Ask who runs {tier.spec.database.host}: the site does not. It goes on by itself."
        )
        return
    if case.read and not tier.proxied:
        yield Task(
            "Take the address of what is down out of the site's name, if it is for long: whoever "
            "has it gets nothing."
        )
    yield Task(
        "See whether the pages are served by the others.",
        "stook verify . --target ssh --only '*/http/*'",
    )
    yield Task("Start what is down again; its daemons start by themselves.")
