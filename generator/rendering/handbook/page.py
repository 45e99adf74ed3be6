"""The plan as one page that needs nothing else: to be looked at before there is a node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator.claims import Mount
from generator.language.findings import Finding, dotted
from generator.planning.plan import SitePlan
from generator.rendering.handbook import picture, tables
from generator.rendering.handbook.tables import Row
from generator.rendering.render import RenderedSite
from verify import page

TEMPLATES = Path(__file__).parent / "templates"
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
    """A row of what goes on; `kind` is how bad it is, in a word that the style knows."""

    down: str
    what: str
    kind: str
    word: str
    stall: str
    why: str


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
    return page.written(
        TEMPLATES,
        "plan.html.j2",
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
    rows = []
    for down, what, reads, writes, stall, why in tables.predictions(plan):
        kind = "pass" if writes == "yes" else "unknown" if reads == "yes" else "fail"
        word = {"pass": "works", "unknown": "read only", "fail": "stops"}[kind]
        rows.append(Outage(down, what, kind, word, stall, why))
    return rows


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
