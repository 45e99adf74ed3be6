"""The handbook of a site, beside its nodes: the plan's page, a page per node, run-books.

It is for people to read, and part of no bundle: nothing on a node hangs on it. It is made when a
build asks for it, and what nodes have alike is made once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from generator.language.findings import Finding, Rule, dotted
from generator.planning.plan import SitePlan
from generator.planning.site import Node
from generator.rendering.handbook import node as nodes
from generator.rendering.handbook.tables import Row
from generator.rendering.userdata import Rendered

if TYPE_CHECKING:
    from markupsafe import Markup

    from generator.rendering.render import RenderedSite

FOLDER = "handbook"
SUMS = f"{FOLDER}/SHA256SUMS"
# What a bundle is made of, and what each part is for.
PARTS: tuple[Row, ...] = (
    ("README.md", "what to do with the folder, and what to expect"),
    ("user-data", "for cloud-init; user-data.gz beside it where the provider needs it smaller"),
    ("meta-data", "for NoCloud: instance id and host name"),
    ("rootfs/", "whole files, exactly as on the node"),
    ("blocks/", "lines of ours in files that others write, too"),
    ("apply", "the one script that changes a node"),
    ("plan.tsv", "the table that it follows, one line a step"),
    ("SHA256SUMS", "what apply checks before it does anything"),
    ("manifest.json", "all that verification needs"),
)


def bound(
    rendered: RenderedSite,
    plan: SitePlan,
    findings: Sequence[Finding],
    rules: Callable[[str], Rule],
) -> RenderedSite:
    """What was rendered with the handbook among the files of the site; site.json stays the last.

    `rules` gives the rule of an id, for what a run-book says of a finding.
    """
    # by their own, and not by the line that they are on
    ordered = sorted(findings, key=lambda one: (one.rule, dotted(one.path), one.message))
    pages = list(_pages(rendered, plan, ordered, rules))

    def sums() -> bytes:
        digests = ((hashlib.sha256(page.content).hexdigest(), page.path) for page in pages)
        return "".join(
            f"{digest}  {path.removeprefix(f'{FOLDER}/')}\n" for digest, path in digests
        ).encode()

    *extras, last = rendered.files[""]
    own = (*extras, *pages, Rendered(SUMS, sums), last)
    return replace(rendered, files={**rendered.files, "": own})


def _pages(
    rendered: RenderedSite,
    plan: SitePlan,
    findings: Sequence[Finding],
    rules: Callable[[str], Rule],
) -> Iterator[Rendered]:
    def index() -> bytes:
        from generator.rendering.handbook import page

        return page.index(plan, rendered, findings).encode()

    def run_books() -> bytes:
        return _run_books(plan, findings, rules).encode()

    def of(node: Node) -> Callable[[], bytes]:
        return lambda: _node(plan, node, rendered).encode()

    yield Rendered(f"{FOLDER}/index.html", index)
    for node in plan.site.nodes.values():
        yield Rendered(f"{FOLDER}/nodes/{node.name}.html", of(node))
    yield Rendered(f"{FOLDER}/run-books.html", run_books)


def _run_books(plan: SitePlan, findings: Sequence[Finding], rules: Callable[[str], Rule]) -> str:
    from generator.rendering.handbook import page
    from verify import page as pages

    return pages.written(
        page.TEMPLATES,
        "run-books.html.j2",
        page.style(),
        site=plan.site,
        books=page.books(plan),
        findings=[(page.excerpt(page.unplaced(one)), rules(one.rule)) for one in findings],
    )


def _node(plan: SitePlan, node: Node, rendered: RenderedSite) -> str:
    from generator.rendering.handbook import page
    from verify import page as pages

    facts = rendered.facts[node.name]()
    return pages.written(
        page.TEMPLATES,
        "node.html.j2",
        page.style(),
        **facts,
        addresses=" ".join(node.addresses.values()),
        zone=node.zone,
        digest_of_spec=plan.site.digest,
        parts=PARTS,
        files=nodes.files(plan, node.name),
        table=_table,
    )


@lru_cache(maxsize=256)
def _table(head: Row, rows: tuple[Row, ...]) -> Markup:
    """A table as markup, made once for all nodes that have the same."""
    from markupsafe import Markup

    from generator.rendering.handbook import page
    from verify import page as pages

    macros = pages.environment(page.TEMPLATES).get_template("macros.html.j2").module
    return Markup(macros.table(head, rows))  # type: ignore[attr-defined]
