"""Findings: what is wrong with a spec, where, under which rule, and the way out.

A rule knows paths of the spec, never lines; `attach` gives a finding its span once, at the end.
The shape (rule, subject, marker, help) follows what compilers print, so editors and CI know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

Path = tuple[str | int, ...]


class Severity(StrEnum):
    """Only an error stops the pipeline and sets the exit code."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line of a file. Lines and columns count from 1; `end` is exclusive."""

    file: str
    line: int
    column: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A numbered rule: what it forbids, why that matters to people, and where it comes from.

    `title` names the bad pattern in a few words. `why` and `fix` are the text of
    `stook explain` and of the rule's page. `source` is an upstream page, thread or release.
    """

    id: str
    title: str
    why: str
    fix: str
    severity: Severity = Severity.ERROR
    source: str = ""

    def at(
        self,
        path: Path,
        message: str,
        help: str = "",
        *,
        key: bool = False,
        also: tuple[Path, ...] = (),
    ) -> Finding:
        """A finding of this rule at a path of the spec; `key` marks the key, not its value."""
        return Finding(self.id, self.severity, message, path, help or self.fix, key, also)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to report. `also` are further paths of the spec that have a part in it.

    `count` is how many things of one cause it stands for.
    """

    rule: str
    severity: Severity
    message: str
    path: Path = ()
    help: str = ""
    key: bool = False
    also: tuple[Path, ...] = ()
    span: Span | None = None
    related: tuple[Span, ...] = ()
    accepted: str = ""
    count: int = 1


# So many things of one cause are named, and so many findings that are alike stand by themselves.
NAMED = 3
ALIKE = 10
_VALUES = re.compile(r"`[^`]*`|[0-9]+")


def summed(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for each cause: what is said of one place is one, and so is the rest of many.

    What somebody has accepted is summed up only in its place, which is what the waiver names.
    """
    places: dict[tuple[object, object], list[Finding]] = {}
    for one in findings:
        alike = (one.rule, one.severity, _VALUES.sub("", one.message))
        place = (one.path, one.key, one.span, one.help, one.accepted)
        places.setdefault((alike, place), []).append(one)
    causes: dict[object, list[Finding]] = {}
    for cause, group in places.items():
        one = _as_one(list(dict.fromkeys(group)))
        causes.setdefault(cause if one.accepted else cause[0], []).append(one)
    for group in causes.values():
        yield from group[:ALIKE]
        if group[ALIKE:]:
            yield _as_one(group[ALIKE:])


def _as_one(group: Sequence[Finding]) -> Finding:
    """The first of some findings, which names the next ones and counts all."""
    if len(group) == 1:
        return group[0]
    named = list(dict.fromkeys(one.message for one in group))[:NAMED]
    also = dict.fromkeys(path for one in group[:NAMED] for path in one.also)
    count = sum(one.count for one in group)
    more = f"; and {count - len(named):,} more like this" if count > len(named) else ""
    return replace(group[0], message="; ".join(named) + more, also=tuple(also), count=count)


def nearest(name: str, known: Iterable[str]) -> str:
    """A way out for a name that may be mistyped; empty where nothing is like it."""
    import difflib

    close = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean `{close[0]}`?" if close else ""


def attach(findings: Iterable[Finding], source: Locator) -> tuple[Finding, ...]:
    """Give every finding without a span the span of its path, and sort them by place."""
    placed = (
        finding
        if finding.span
        else replace(
            finding,
            span=source.span(finding.path, key=finding.key),
            related=tuple(source.span(path) for path in finding.also),
        )
        for finding in findings
    )
    return tuple(sorted(placed, key=_place))


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.span
    where = (span.file, span.line, span.column) if span else ("", 0, 0)
    return (*where, finding.rule, finding.message)


def errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding is an error that nobody has accepted."""
    return any(f.severity is Severity.ERROR and not f.accepted for f in findings)


def dotted(path: Path) -> str:
    """A path as people write it: `gluster.volumes.wp.replica`, `accept[0].rule`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class Locator(Protocol):
    """Turns a path of the spec into a span; the source's tree is the one that can."""

    def span(self, path: Path, *, key: bool = False) -> Span: ...


def table(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    """Rules by id. A second rule under one id is a bug of ours."""
    by_id: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in by_id:
            raise ValueError(f"two rules with the id {rule.id}")
        by_id[rule.id] = rule
    return by_id
