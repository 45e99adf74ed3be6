"""Plans as people and programs read them: text, JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from generator.commands.report import finding_json
from generator.pipeline import Run
from generator.planning.expect import plain
from generator.planning.plan import SitePlan
from generator.rendering import compare
from generator.rendering.handbook import tables
from generator.rendering.render import RenderedSite
from generator.rendering.userdata import LIMITS


def table(rows: Sequence[Sequence[str]], head: Sequence[str]) -> Iterator[str]:
    """Aligned columns; the last one runs as long as it likes."""
    if not rows:
        return
    every = [tuple(head), *map(tuple, rows)]
    widths = [max(len(row[i]) for row in every) for i in range(len(head))]
    for row in every:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  " + "  ".join(cells).rstrip()


def plan_text(run: Run) -> str:
    """What will be true of the nodes after deployment, before there is one."""
    plan, rendered = run.plan, run.rendered
    if plan is None or rendered is None:
        return ""
    site = plan.site
    lines = [f"Site {site.name}: {len(site.nodes)} node(s), provider {site.provider}", ""]
    sections = (
        ("Nodes", tables.nodes(plan), ("node", "address", "zone", "platform")),
        *(
            (
                form.plural.capitalize(),
                tables.claimed(plan, form),
                (*form.columns, "on", "spec key"),
            )
            for form in tables.types_of(plan)
            if form.columns
        ),
        ("Files and units", tables.files(plan), ("node", "files", "units")),
        (
            "What leaves the nodes",
            compare.rows(compare.from_built(Path(run.source.name).parent, rendered)),
            ("on", "what", "name", "becomes"),
        ),
        ("User-data", tables.sizes(plan, rendered), ("node", "raw", "gzip", "limit", "hand over")),
        (
            "What it will say of itself",
            tables.status_messages(plan),
            ("to", "it says", "when", "why"),
        ),
        (
            "What still works",
            tables.predictions(plan),
            ("down", "what", "reads", "writes", "stalls", "why"),
        ),
    )
    for title, rows, head in sections:
        if rows:
            lines += [title, *table(rows, head), ""]
    total = sum(len(its) for its in plan.expectations.values())
    lines.append(f"{total} checks will hold the nodes against this.")
    return "\n".join(lines)


def plan_json(run: Run) -> dict[str, Any]:
    """The plan as plain data; the same facts as the text."""
    plan, rendered = run.plan, run.rendered
    shape: dict[str, Any] = {"findings": [finding_json(f) for f in run.findings]}
    if plan is None or rendered is None:
        return shape
    provider = plan.site.provider
    left = compare.from_built(Path(run.source.name).parent, rendered)
    return shape | {
        "site": plan.site.name,
        "spec_digest": plan.site.digest,
        "provider": {"name": provider, "limit": LIMITS[provider][0], "as": LIMITS[provider][1]},
        "nodes": {
            name: _node_json(plan, rendered, name)
            | {"leaves": [plain(thing) for thing in left.get(name, ())]}
            for name in plan.site.nodes
        },
        "predictions": [plain(row) for row in plan.predictions],
        "says": [
            {
                "command": message.command,
                "what": message.what,
                "sure": message.sure,
                "within_seconds": message.within,
                "why": message.why,
            }
            for message in plan.status_messages
        ],
    }


def _node_json(plan: SitePlan, rendered: RenderedSite, name: str) -> dict[str, Any]:
    node, size = plan.site.nodes[name], rendered.sizes[name]
    return {
        "addresses": dict(node.addresses),
        "zone": node.zone,
        "platform": node.platform.platform,
        **{
            form.plural: [claim.row() for claim in plan.claims.of(form, name)]
            for form in tables.types_of(plan)
        },
        "packages": list(plan.packages(name)),
        "user_data": {"raw": size.raw, "gzip": size.gzip},
        "checks": [e.id for e in plan.expectations[name]],
    }
