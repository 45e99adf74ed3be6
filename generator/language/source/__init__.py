"""Text to a tree of nodes, each of which knows where it stands.

Built from libyaml's events, because PyYAML's own constructors lose positions and quietly accept
what makes two readers disagree about a file: duplicate keys, aliases, tags, merge keys.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path as FilePath
from typing import Any

import yaml

from generator.language import ranges
from generator.language.findings import Finding, Rule, Span
from generator.language.source import syntax
from generator.language.tree import Source, Value, at_event, end_at

try:
    from yaml import CLoader as Loader
except ImportError:  # a PyYAML built without libyaml reads the same events, only slower
    from yaml import Loader  # type: ignore[assignment]

MAX_BYTES = 2 * 1024 * 1024
MAX_SCALAR = 64 * 1024
MAX_DEPTH = 32
MAX_VALUES = 100_000
MAX_NODES = ranges.MAX

UNREADABLE = Rule(
    "Y101",
    "the spec cannot be read",
    "A file that is missing, a directory, or not readable leaves nothing to work on.",
    "name a readable file, usually `site.yaml`, or the folder that holds it",
)
ENCODING = Rule(
    "Y102",
    "the spec is not UTF-8 text",
    "Another encoding, a byte order mark or a control character is read differently by "
    "different programs, so what you see is not what gets built.",
    "save the file as plain UTF-8 without a byte order mark",
    source="https://yaml.org/spec/1.2.2/#52-character-encodings",
)
SIZE = Rule(
    "Y103",
    "the spec is too large",
    "A spec is written by people; sizes far beyond that are a mistake or an attack, and are "
    "refused before they cost memory.",
    f"keep a file below {MAX_BYTES >> 20} MiB, {MAX_VALUES:,} keys and values and {MAX_NODES:,} "
    f"nodes, a single value below {MAX_SCALAR >> 10} KiB and nesting below {MAX_DEPTH} levels; "
    "a range of names stands for many nodes, and several specs are several sites",
)
SYNTAX = Rule(
    "Y104",
    "the YAML is broken",
    "The text does not follow YAML's grammar, so its meaning would be a guess.",
    "mend the marked place; quote text that holds `: `, ` #`, `[` or `{`",
    source="https://yaml.org/spec/1.2.2/",
)
DUPLICATE = Rule(
    "Y105",
    "a key appears twice",
    "Most readers silently keep the last value, so one of the two is ignored.",
    "keep one of them",
    source="https://yaml.org/spec/1.2.2/#3213-node-comparison",
)
TAB = Rule(
    "Y106",
    "a tab",
    "YAML forbids tabs as indentation, and elsewhere nobody can see them.",
    'use spaces; inside a "double-quoted" text write \\t',
    source="https://yaml.org/spec/1.2.2/#61-indentation-spaces",
)
MAGIC = Rule(
    "Y107",
    "an alias, anchor, tag or merge key",
    "They make the text mean something else than it shows, and readers disagree about them.",
    "write the value out where it is used",
)
DOCUMENTS = Rule(
    "Y108",
    "more than one document",
    "One spec is one document; what follows `---` would be lost.",
    "keep one document per file",
)
RANGE = Rule(
    "Y109",
    "a range is not quoted",
    "In flow style `[1:3]` starts a list, so the range falls apart.",
    'quote the range: "node[1:3]"',
)
RULES = (UNREADABLE, ENCODING, SIZE, SYNTAX, DUPLICATE, TAB, MAGIC, DOCUMENTS, RANGE)

_BARE_RANGE = re.compile(r"[{,\[].*[\w.:-]\[\d+:\d+\]")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}


class _Stop(Exception):  # noqa: N818 - not an error: nothing after this point can be trusted
    pass


def read(path: FilePath) -> Source:
    """Read and parse one spec file, `-` being standard input. Never raises: what is wrong is in
    `findings`."""
    source = Source(str(path))
    try:
        with nullcontext(sys.stdin.buffer) if str(path) == "-" else path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        source.findings.append(UNREADABLE.at((), f"cannot read {path}: {error.strerror}"))
        return source
    if len(raw) > MAX_BYTES:
        source.findings.append(SIZE.at((), f"{path} is larger than {MAX_BYTES >> 20} MiB"))
        return source
    return parse(str(path), raw)


def parse(name: str, raw: bytes) -> Source:
    """Parse a spec's bytes; `name` is what findings call the file."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        source = Source(name, raw[: error.start].decode("utf-8"))
        line = len(source.lines) - 1 if source.lines else 0
        message = syntax.encoding(raw, error)
        source.findings.append(_marked(ENCODING, message, source.mark(max(line, 0), 0)))
        return source
    source = Source(name, text)
    if _characters(source):
        _Builder(source).run()
    return source


def _marked(rule: Rule, message: str, span: Span, help: str = "") -> Finding:
    finding = rule.at((), message, help)
    return Finding(finding.rule, finding.severity, message, (), finding.help, span=span)


_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def _characters(source: Source) -> bool:
    """Report characters that no spec may hold; false when parsing makes no sense after them."""
    sound = True
    if bad := _FORBIDDEN.search(source.text):
        line = source.text.count("\n", 0, bad.start())
        column = bad.start() - (source.text.rfind("\n", 0, bad.start()) + 1)
        name = syntax.character(bad.group())
        place = source.mark(line, column)
        source.findings.append(_marked(ENCODING, f"the file holds {name}", place))
        sound = False
    for number, line_text in enumerate(source.lines):
        if "\t" in line_text and sound:
            column = line_text.index("\t")
            span = source.mark(number, column, column + 1)
            source.findings.append(_marked(TAB, "a tab stands here", span))
            sound = False
    return sound


class _Builder:
    """Turns events into nodes with an explicit stack, so depth costs no recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stack: list[tuple[Value, Value | None]] = []
        self.values = 0

    def run(self) -> None:
        try:
            for event in self._events():
                self._take(event)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except yaml.reader.ReaderError as error:
            self._report(ENCODING, f"the file holds a character YAML refuses: {error.reason}", None)
        except _Stop:
            pass
        if self.source.root is None and not self.source.findings:
            self._report(SYNTAX, "the spec is empty", None, "run `stook new` for a first one")

    def _events(self) -> Iterator[yaml.Event]:
        yield from yaml.parse(self.source.text, Loader=Loader)

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line = self.source.lines[mark.line] if mark and mark.line < len(self.source.lines) else ""
        if mark and syntax.is_flow(error) and _BARE_RANGE.search(_QUOTED.sub('""', line)):
            self._report(RANGE, "a range in flow style is not quoted", mark)
        else:
            problem = syntax.problem(error, self.source.lines)
            self._report(SYNTAX, problem.message, problem, problem.help)

    def _report(self, rule: Rule, message: str, mark: Any, help: str = "") -> None:
        span = self.source.mark(mark.line, mark.column) if mark else self.source.mark(0, 0)
        self.source.findings.append(_marked(rule, message, span, help))

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._report(MAGIC, f"an alias `*{event.anchor}`", event.start_mark)
            self._put(at_event(None, event))
        elif isinstance(event, yaml.ScalarEvent):
            self._magic(event)
            self._put(at_event(self._scalar(event), event))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._magic(event)
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            node, _ = self.stack.pop()
            # libyaml ends a block collection at the next token; the last child ends it truly
            node.end_line, node.end_column = end_at(node, event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.source.root is not None:
            self._report(DOCUMENTS, "a second document starts here", event.start_mark)
            raise _Stop

    def _magic(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._report(MAGIC, f"an anchor `&{event.anchor}`", event.start_mark)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._report(MAGIC, f"a tag `{syntax.tag(tag)}`", event.start_mark)

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        text: str = event.value
        if len(text) > MAX_SCALAR:
            self._report(SIZE, f"a value of {len(text)} characters", event.start_mark)
            return ""
        if event.style not in (None, ""):
            return text
        if text in _WORDS:
            return _WORDS[text]
        # more digits than any field of a spec has stay text, and fail there as text
        return int(text) if len(text) < 19 and _INTEGER.match(text) else text

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._report(SIZE, f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
            raise _Stop
        node = at_event({} if isinstance(event, yaml.MappingStartEvent) else [], event)
        self._put(node)
        self.stack.append((node, None))

    def _put(self, node: Value) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            place = self.source.span_of(node)
            message = f"more than {MAX_VALUES:,} keys and values; this is the first of the rest"
            self.source.findings.append(_marked(SIZE, message, place))
            raise _Stop
        if not self.stack:
            self.source.root = node
            return
        parent, key = self.stack[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif key is None:
            self.stack[-1] = (parent, node)
        else:
            self.stack[-1] = (parent, None)
            self._pair(parent, key, node)

    def _pair(self, parent: Value, key: Value, node: Value) -> None:
        assert isinstance(parent.value, dict)
        span = self.source.span_of(key)
        if isinstance(key.value, dict | list):
            rule = RANGE if _rangelike(key) else SYNTAX
            message = "a list or mapping cannot be a key"
            self.source.findings.append(_marked(rule, message, span))
            return
        name = span.text[key.column : key.end_column] if key.value is None else key.value
        name = {True: "true", False: "false"}.get(name, name) if isinstance(name, bool) else name
        text = str(name)
        if text == "<<":
            self.source.findings.append(_marked(MAGIC, "a merge key `<<`", span))
        if text in parent.keys:
            first = parent.keys[text].line + 1
            message = f"`{text}` is given twice, first in line {first}"
            self.source.findings.append(_marked(DUPLICATE, message, span))
            return
        parent.value[text] = node
        parent.keys[text] = key


def _rangelike(node: Value) -> bool:
    return isinstance(node.value, list) and len(node.value) == 1
