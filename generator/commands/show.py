"""Findings and plans as people, programs and CI read them: text, JSON, GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from generator.claims import TYPES, Block, Claim, File, Unit, listed
from generator.language.findings import Finding, Severity, Span, dotted
from generator.pipeline import Run
from generator.planning.expect import plain
from generator.planning.plan import SitePlan
from generator.rendering import compare
from generator.rendering.render import RenderedSite
from generator.rendering.userdata import LIMITS

_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.INFO: "36;1"}
WIDTH = 110


def paint(text: str, code: str, colour: bool) -> str:
    """A text in a terminal colour (SGR code), or as it is."""
    return f"\033[{code}m{text}\033[0m" if colour else text


def finding_text(finding: Finding, colour: bool = False) -> str:
    """A finding with its line of the spec, a caret under the exact value, and the way out."""
    head = paint(f"{finding.severity}[{finding.rule}]", _COLOURS[finding.severity], colour)
    lines = [f"{head}: {finding.message}"]
    if finding.span:
        lines += _excerpt(finding.span, dotted(finding.path), colour)
    for span in finding.related:
        lines.append(f"  see: {span.file}:{span.line}:{span.column}")
    if finding.accepted:
        lines.append(f"  accepted: {finding.accepted}")
    elif finding.help:
        lines.append(f"  help: {finding.help}")
        lines.append(f"  more: stook explain {finding.rule}")
    return "\n".join(lines)


def _excerpt(span: Span, path: str, colour: bool) -> Iterator[str]:
    place = f"{span.file}:{span.line}:{span.column}"
    yield f"  --> {place}" + (f"  ({path})" if path else "")
    text, start, end = _window(span)
    if not text.strip():
        return
    gutter = f"{span.line} | "
    yield gutter + text
    yield " " * (len(gutter) - 2) + "| " + " " * start + paint("^" * (end - start), "31;1", colour)


def _window(span: Span) -> tuple[str, int, int]:
    """The part of a line that fits a terminal, and where the value stands in it."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in span.text)
    start, end = span.column - 1, max(span.end - 1, span.column)
    if len(text) <= WIDTH:
        return text, start, min(end, max(len(text), start + 1))
    low = max(0, start - WIDTH // 3)
    cut = text[low : low + WIDTH]
    head, tail = ("…" if low else ""), ("…" if low + WIDTH < len(text) else "")
    first = start - low + len(head)
    last = min(end - low + len(head), len(head) + len(cut))
    return head + cut + tail, first, max(last, first + 1)


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as plain data. Lines and columns count from 1."""
    span = finding.span
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "path": dotted(finding.path),
        "help": finding.help,
        "accepted": finding.accepted,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_column": span.end if span else None,
    }


def finding_github(finding: Finding) -> str:
    """A GitHub workflow command, escaped as the runner's toolkit does it."""
    level = {"error": "error", "warning": "warning", "info": "notice"}[finding.severity.value]
    span = finding.span
    where = (
        f"file={_property(span.file)},line={span.line},col={span.column},"
        f"endColumn={span.end},title={finding.rule}"
        if span
        else f"title={finding.rule}"
    )
    return f"::{level} {where}::{_data(f'{finding.message}. {finding.help}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def findings(given: Iterable[Finding], form: str, colour: bool) -> str:
    """All findings in one form."""
    given = tuple(given)
    if form == "json":
        return json.dumps([finding_json(f) for f in given], indent=2, ensure_ascii=False)
    if form == "github":
        return "\n".join(finding_github(f) for f in given if not f.accepted)
    return "\n\n".join(finding_text(f, colour) for f in given)


def count(given: Iterable[Finding]) -> str:
    """How many findings of which severity, in words."""
    given = tuple(given)
    words = []
    for severity in Severity:
        number = sum(f.severity is severity and not f.accepted for f in given)
        if number:
            plural = "s" if number > 1 and severity is not Severity.INFO else ""
            words.append(f"{number} {severity.value}{plural}")
    accepted = sum(bool(f.accepted) for f in given)
    if accepted:
        words.append(f"{accepted} accepted")
    return ", ".join(words) or "no findings"


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
        ("Nodes", _nodes(plan), ("node", "address", "zone", "platform")),
        *(
            (form.plural.capitalize(), _claimed(plan, form), (*form.columns, "on", "spec key"))
            for form in _types_of(plan)
            if form.columns
        ),
        ("Files and units", _files(plan), ("node", "files", "units")),
        (
            "What leaves the nodes",
            compare.rows(compare.from_built(Path(run.source.name).parent, rendered)),
            ("on", "what", "name", "becomes"),
        ),
        ("User-data", _sizes(plan, rendered), ("node", "raw", "gzip", "limit", "hand over")),
        ("What it will say of itself", _status_messages(plan), ("to", "it says", "when", "why")),
        (
            "What still works",
            _predictions(plan),
            ("down", "what", "reads", "writes", "stalls", "why"),
        ),
    )
    for title, rows, head in sections:
        if rows:
            lines += [title, *table(rows, head), ""]
    total = sum(len(its) for its in plan.expectations.values())
    lines.append(f"{total} checks will hold the nodes against this.")
    return "\n".join(lines)


def _nodes(plan: SitePlan) -> list[tuple[str, ...]]:
    return [
        (n.name, " ".join(n.addresses.values()), n.zone or "-", n.platform.platform)
        for n in plan.site.nodes.values()
    ]


def _types_of(plan: SitePlan) -> list[type[Claim]]:
    """The types of claims that a plan shows, those of components' own after the others."""
    return [form for form in dict.fromkeys((*TYPES, *plan.claims.types())) if form.plural]


def _claimed(plan: SitePlan, form: type[Claim]) -> list[tuple[str, ...]]:
    """All claims of a type; equal ones of several nodes are one row."""
    rows: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for node in plan.site.nodes:
        for claim in plan.claims.of(form, node):
            rows.setdefault((claim.cells(plan.site), dotted(claim.spec)), []).append(node)
    every = len(plan.site.nodes)
    return [
        (*cells, "all nodes" if len(nodes) == every else listed(nodes), spec)
        for (cells, spec), nodes in rows.items()
    ]


def _files(plan: SitePlan) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for node in plan.site.nodes:
        files = len(plan.claims.of(File, node)) + len(plan.claims.of(Block, node))
        units = " ".join(u.name.removesuffix(".service") for u in plan.claims.of(Unit, node))
        rows.append((node, str(files), units))
    return rows


def _sizes(plan: SitePlan, rendered: RenderedSite) -> list[tuple[str, ...]]:
    provider = plan.site.provider
    limit, counted = LIMITS[provider]
    limit_text = "none" if limit is None else f"{limit} ({counted})"
    rows: list[tuple[str, ...]] = []
    for node, size in rendered.sizes.items():
        plain = size.fits(provider, compressed=False)
        packed = size.fits(provider, compressed=True)
        file = "user-data" if plain else "user-data.gz" if packed else "does not fit"
        rows.append((node, str(size.raw), str(size.gzip), limit_text, file))
    return rows


def _status_messages(plan: SitePlan) -> list[tuple[str, ...]]:
    """Of anything else that is said, the checks will say that it was not planned."""
    return [
        (message.command, message.what, message.when, message.why)
        for message in plan.status_messages
    ]


def _predictions(plan: SitePlan) -> list[tuple[str, ...]]:
    """Equal rows are one: first those of one subject, then those of several."""
    by_row: dict[tuple[str, ...], list[str]] = {}
    for p in plan.predictions:
        stall = f"{p.stall_seconds} s" if p.read and p.stall_seconds else "-"
        row = (p.subject, _yes(p.read), _yes(p.write), stall, p.why)
        by_row.setdefault(row, []).append(p.down)
    merged: dict[tuple[str, ...], list[str]] = {}
    for (subject, *rest), down in by_row.items():
        merged.setdefault((_any(down), *rest), []).append(subject)
    return [(down, ", ".join(subjects), *rest) for (down, *rest), subjects in merged.items()]


def _any(names: Sequence[str]) -> str:
    return " or ".join(names[:4]) + (f" or one of {len(names) - 4} more" if len(names) > 4 else "")


def _yes(value: bool) -> str:
    return "yes" if value else "NO"


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
            for form in _types_of(plan)
        },
        "packages": list(plan.packages(name)),
        "user_data": {"raw": size.raw, "gzip": size.gzip},
        "checks": [e.id for e in plan.expectations[name]],
    }
