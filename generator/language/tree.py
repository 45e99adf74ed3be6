"""The tree of a spec: every value with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from generator.language.findings import Finding, Path, Span


@dataclass(slots=True)
class Value:
    """A value of the spec with its place.

    `value` is a str, int, bool or None for a scalar, a list of nodes, or a dict of nodes by key;
    `keys` has the place of each key.
    """

    value: object
    line: int
    column: int
    end_line: int
    end_column: int
    keys: dict[str, Value] = field(default_factory=dict)


class Source:
    """One spec file: its text, its tree, and what was wrong with reading it."""

    def __init__(self, name: str, text: str = "") -> None:
        self.name = name
        self.text = text
        self.lines = text.splitlines()
        self.root: Value | None = None
        self.findings: list[Finding] = []

    def span(self, path: Path, *, key: bool = False) -> Span:
        """The place of a path, or of its deepest ancestor that stands in the file."""
        node = self.root
        for depth, part in enumerate(path):
            child = _child(node, part)
            if child is None:
                break
            if key and depth == len(path) - 1 and node is not None and part in node.keys:
                child = node.keys[str(part)]
            node = child
        return self.span_of(node) if node else self.mark(0, 0)

    def span_of(self, node: Value) -> Span:
        same = node.end_line == node.line
        return self.mark(node.line, node.column, node.end_column if same else None)

    def mark(self, line: int, column: int, end: int | None = None) -> Span:
        """A span from libyaml's zero-based marks, kept inside the line's own text."""
        text = self.lines[line].rstrip() if line < len(self.lines) else ""
        stop = len(text) if end is None else end
        return Span(self.name, line + 1, column + 1, max(stop, column + 1) + 1, text)

    def data(self, node: Value | None = None) -> object:
        """The tree as plain values, without places."""
        return _plain(self.root if node is None else node)


def _child(node: Value | None, part: str | int) -> Value | None:
    if node is None:
        return None
    value = node.value
    if isinstance(value, dict):
        below = value.get(part)
        return below if isinstance(below, Value) else None
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        item: Value = value[part]
        return item
    return None


def _plain(node: Value | None) -> object:
    if node is None:
        return None
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return node.value


def at_event(value: object, event: yaml.Event) -> Value:
    """A value where an event of YAML has it."""
    start: Any = event.start_mark
    end: Any = event.end_mark
    return Value(value, start.line, start.column, end.line, end.column)


def end_at(node: Value, event: yaml.Event) -> tuple[int, int]:
    """Where a collection ends: with the event, or with its last child."""
    start: Any = event.start_mark
    end: Any = event.end_mark
    if end.index > start.index:
        return end.line, end.column
    children = list(node.value.values()) if isinstance(node.value, dict) else node.value
    if isinstance(children, list) and children:
        return children[-1].end_line, children[-1].end_column
    return node.end_line, node.end_column
