"""Findings as people, programs and CI read them: text, JSON, GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from generator.language.findings import Finding, Severity, Span, dotted

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
        "count": finding.count,
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
        number = sum(f.count for f in given if f.severity is severity and not f.accepted)
        if number:
            plural = "s" if number > 1 and severity is not Severity.INFO else ""
            words.append(f"{number} {severity.value}{plural}")
    accepted = sum(f.count for f in given if f.accepted)
    if accepted:
        words.append(f"{accepted} accepted")
    return ", ".join(words) or "no findings"
