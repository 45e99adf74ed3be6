"""The plan as one page that needs nothing else: to be looked at before there is a node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from generator.claims import Mount
from generator.language.findings import Finding, dotted
from generator.planning.component import Task
from generator.planning.plan import SitePlan
from generator.rendering.handbook import picture, tables
from generator.rendering.handbook.tables import Row
from verify import page

if TYPE_CHECKING:
    from generator.rendering.render import RenderedSite

TEMPLATES = Path(__file__).parent / "templates"
# What is "down" in the row of a site that is as it shall be.
AS_IT_IS = "nothing"
# An excerpt of a finding has so much of its line.
MOST_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Section:
    """A table with a heading; of no rows it is left out."""

    anchor: str
    title: str
    about: str
    head: Row
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Outage:
    """A row of what goes on; `kind` is how bad it is, in a word that the style knows.

    `book` is the anchor of its run-book, "" where nothing is down.
    """

    down: str
    what: str
    kind: str
    word: str
    stall: str
    why: str
    book: str


@dataclass(frozen=True, slots=True)
class Book:
    """What to do when something is down: what goes on meanwhile, and the steps."""

    anchor: str
    down: str
    rows: tuple[Outage, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A finding as it is read: the line of the spec in three parts, the middle one marked."""

    finding: Finding
    where: str
    key: str
    before: str
    marked: str
    after: str


def write(plan: SitePlan, rendered: RenderedSite, findings: Sequence[Finding]) -> str:
    """The page of a plan. It is the same for the same spec, whoever makes it and when."""
    return _filled("plan.html.j2", plan, rendered, findings)


def index(plan: SitePlan, rendered: RenderedSite, findings: Sequence[Finding]) -> str:
    """The same as the first page of a handbook, from which the others are reached."""
    return _filled("index.html.j2", plan, rendered, [unplaced(one) for one in findings])


def unplaced(finding: Finding) -> Finding:
    """A finding without its line: a handbook is the same however the spec is laid out."""
    return replace(finding, span=None, related=())


def _filled(
    template: str, plan: SitePlan, rendered: RenderedSite, findings: Sequence[Finding]
) -> str:
    return page.written(
        TEMPLATES,
        template,
        style(),
        site=plan.site,
        checks=sum(map(len, plan.expectations.values())),
        drawings=picture.pictures(plan),
        lanes=bool(plan.copies),
        outages=outages(plan),
        sections=[section for section in _sections(plan, rendered) if section.rows],
        findings=[excerpt(finding) for finding in findings],
    )


def stopped(name: str, findings: Sequence[Finding]) -> str:
    """The page of a spec that is no plan yet: what is to be put right."""
    excerpts = [excerpt(finding) for finding in findings]
    return page.written(TEMPLATES, "stopped.html.j2", style(), name=name, findings=excerpts)


@cache
def style() -> str:
    """What the handbook's pages have beside what all pages share."""
    return (TEMPLATES / "handbook.css").read_text("utf-8")


def outages(plan: SitePlan) -> list[Outage]:
    """What goes on, and what does not, with something down."""
    rows: list[Outage] = []
    anchors: dict[str, str] = {}
    for down, what, reads, writes, stall, why in tables.predictions(plan):
        book = "" if down == AS_IT_IS else anchors.setdefault(down, f"o{len(anchors) + 1}")
        kind = "pass" if writes == "yes" else "unknown" if reads == "yes" else "fail"
        word = {"pass": "works", "unknown": "read only", "fail": "stops"}[kind]
        rows.append(Outage(down, what, kind, word, stall, why, book))
    return rows


def books(plan: SitePlan) -> list[Book]:
    """A run-book for each case, in the order of the rows."""
    rows: dict[str, list[Outage]] = {}
    tasks: dict[str, list[Task]] = {}
    for row, (_, steps) in zip(outages(plan), tables.outages(plan), strict=True):
        if row.book:
            rows.setdefault(row.book, []).append(row)
            tasks.setdefault(row.book, []).extend(steps)
    return [
        Book(anchor, its[0].down, tuple(its), tables.in_order(tasks[anchor]))
        for anchor, its in rows.items()
    ]


def excerpt(finding: Finding) -> Excerpt:
    """Where a finding is, as it stands in the spec."""
    span, key = finding.span, dotted(finding.path)
    if span is None:
        return Excerpt(finding, "", key, "", "", "")
    text = span.text[: max(MOST_EXCERPT, span.end)]
    start, end = span.column - 1, max(span.end - 1, span.column)
    place = f"{Path(span.file).name}:{span.line}"
    return Excerpt(finding, place, key, text[:start].lstrip(), text[start:end], text[end:])


def _sections(plan: SitePlan, rendered: RenderedSite) -> Iterable[Section]:
    yield Section(
        "reach",
        "Who may reach what",
        "Each port that something listens on, and from where it is reached. All else is dropped.",
        ("who", "what", "on", "spec key"),
        tables.reach(plan),
    )
    yield Section(
        "ways-out",
        "Who may connect outwards",
        "Ports of any machine that processes of others than these cannot connect to.",
        ("who", "what", "on", "spec key"),
        tables.ways_out(plan),
    )
    yield Section(
        "used",
        "What it uses from elsewhere",
        "The site does not run these itself; without them it is not whole.",
        ("service", "where", "spec key"),
        tables.used(plan),
    )
    yield Section(
        "copies",
        "Where every copy lies",
        "",
        ("of", "rule", "what", "by", "on", "node"),
        list(tables.copies(plan)),
    )
    yield Section(
        "says",
        "What it will say of itself",
        "Once all daemons are up. Of anything else the checks will say that it was not planned.",
        ("to", "it says", "when", "why"),
        tables.status_messages(plan),
    )
    yield Section(
        "nodes",
        "Nodes",
        "",
        ("node", "addresses", "zone", "platform"),
        tables.nodes(plan),
    )
    yield Section(
        "mounts",
        "Mounts",
        "",
        (*Mount.columns, "on", "spec key"),
        tables.claimed(plan, Mount),
    )
    yield Section("files", "Files and units", "", ("node", "files", "units"), tables.files(plan))
    yield Section(
        "sizes",
        "Sizes",
        "Bytes of user-data, against what the provider takes.",
        ("node", "bytes", "limit", "hand over"),
        tables.sizes(plan, rendered, packed=False),
    )
