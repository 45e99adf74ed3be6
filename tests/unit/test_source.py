"""Hostile and broken spec files: always findings, never a traceback, in bounded time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from generator.language.findings import attach
from generator.language.source import parse, read

HOSTILE: dict[str, tuple[bytes, set[str]]] = {
    "empty": (b"", {"Y104"}),
    "only-comment": (b"# nothing\n", {"Y104"}),
    "not-utf8": (b"site: \xff\xfe\n", {"Y102"}),
    "utf16": ("site: a\n".encode("utf-16"), {"Y102"}),
    "bom": (b"\xef\xbb\xbfsite: a\n", {"Y102"}),
    "nul": (b"site: a\x00b\n", {"Y102"}),
    "right-to-left": ("site: a\u202eb\n".encode(), {"Y102"}),
    "escape": (b"site: \x1b[31m\n", {"Y102"}),
    "tab": (b"nodes:\n\ta: 1\n", {"Y106"}),
    "truncated-quote": (b"site: 'sho", {"Y104"}),
    "truncated-flow": (b"nodes: {a: {address: 10.0", {"Y104"}),
    "duplicate": (b"a: 1\nb: 2\na: 3\n", {"Y105"}),
    "duplicate-flow": (b"{a: 1, 'a': 2}\n", {"Y105"}),
    "anchor-alias": (b"a: &x 1\nb: *x\n", {"Y107"}),
    "merge": (b"a:\n  <<: {b: 1}\n", {"Y107"}),
    "tag": (b"a: !!python/object:os.system x\n", {"Y107"}),
    "documents": (b"a: 1\n---\nb: 2\n", {"Y108"}),
    "flow-range": (b"nodes: {node[1:3]: {}}\n", {"Y109"}),
    "deep-flow": (b"[" * 5000, {"Y103"}),
    "deep-mapping": (b"{a: " * 5000, {"Y103"}),
    "deep-block": (b"- " * 5000 + b"x\n", {"Y103"}),
    "deep-half-million": (b"[" * 500_000, {"Y103"}),
    "scalar-1mb": (b"site: " + b"x" * 1_000_000 + b"\n", {"Y103"}),
    "too-large": (b"#" * (2 * 1024 * 1024 + 1), {"Y103"}),
    "too-many-values": (b"a: [" + b"[]," * 600_000 + b"]\n", {"Y103"}),
    "too-many-keys": (b"a: 1\n" * 390_000, {"Y103", "Y105"}),
    "billion-laughs": (
        b"a: &a [x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (c, c, c - 1, c - 1) for c in b"bcdef"),
        {"Y107"},
    ),
    "key-is-list": (b"? [a, b]\n: c\n", {"Y104"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_a_finding(name: str, tmp_path: Path) -> None:
    raw, rules = HOSTILE[name]
    path = tmp_path / "site.yaml"
    path.write_bytes(raw)
    start = time.process_time()
    source = read(path)
    assert {finding.rule for finding in source.findings} == rules
    assert all(finding.span for finding in attach(source.findings, source))
    assert time.process_time() - start < 5


def test_a_directory_and_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        (finding,) = read(path).findings
        assert finding.rule == "Y101"


SYNTAX = {
    "a bracket that is open": (b"a: {b: 1\nc: 2\n", "the `{` that opens here is not closed", 1, 4),
    "a list that is open": (b"a: [1,\nc: 2\nd: 3\n", "`[` that opens here is not closed", 1, 4),
    "no comma": (b'a: {b: "1" c: 2}\n', "a `,` or the closing `}` is missing", 1, 12),
    "an open quote": (b"a: 1\nb: 'x\nc: 2\n", "the quote that opens here is never closed", 2, 4),
    "no blank": (b"a:\n  b:3\n  c: 1\n", "`: ` is missing", 2, 3),
    "no blank in flow style": (b"a: {b:, c: 1}\n", "a blank is missing after this `:`", 1, 6),
    "less indented": (b"a:\n   b: 1\n  c: 1\n", "indented unlike the others", 3, 3),
    "more after a quote": (b'a: "b" c\n', "something follows where a value has ended", 1, 8),
    "a colon in a text": (b"a: b: c\n", "a `: ` stands where no key can be", 1, 5),
    "an at sign": (b"a: @b\n", "a text cannot begin with `@`", 1, 4),
    "a star": (b"a: *\n", "a text cannot begin with `*` or `&`", 1, 4),
    "an escape": (b'a: "\\q"\n', "begins an escape, and there is none like this", 1, 5),
    "a key in a list": (b"a:\n  - b\n  c: 1\n", "does not begin with `- `", 3, 3),
    "a list behind its key": (b"a: - b\n", "an item of a list cannot stand here", 1, 4),
    "a blank that is none": ("a:\u00a0b\nc: 1\n".encode(), "a no-break space (U+00A0)", 1, 3),
    "a tag": (b"a: !!int 1\n", "a tag `!!int`", 1, 4),
    "what turns text around": ("a: \u202e1\n".encode(), "U+202E (right-to-left override)", 1, 4),
    "bytes": (b"a\0\xff\n", "the file is no text", 1, 1),
    "UTF-16": ("a: 1\n".encode("utf-16"), "the file is UTF-16", 1, 1),
}


@pytest.mark.parametrize("name", SYNTAX)
def test_broken_yaml_is_told_in_words_at_what_is_to_be_mended(name: str) -> None:
    raw, words, line, column = SYNTAX[name]
    found = parse("x", raw).findings[0]
    assert words in found.message and found.span
    assert (found.span.line, found.span.column) == (line, column)


def test_crlf_reads_as_lf() -> None:
    unix = parse("x", b"a: 1\nb:\n  - c\n")
    dos = parse("x", b"a: 1\r\nb:\r\n  - c\r\n")
    assert dos.data() == unix.data() == {"a": 1, "b": ["c"]}
    assert not dos.findings


def test_only_plain_core_words_and_decimals_are_resolved() -> None:
    source = parse("x", b"[true, false, null, ~, 12, -3, 0, yes, on, 007, 0x1f, 1:30, 1.5, '1']")
    assert source.data() == [
        True, False, None, None, 12, -3, 0, "yes", "on", "007", "0x1f", "1:30", "1.5", "1",
    ]  # fmt: skip


def test_spans_point_at_the_value_and_at_the_key() -> None:
    source = parse("x", b"nodes:\n  a: {address: 10.0.0.1}\n  b: [p, q]\n")
    value = source.span(("nodes", "a", "address"))
    assert (value.line, value.column, value.end) == (2, 16, 24)
    key = source.span(("nodes", "a", "address"), key=True)
    assert (key.line, key.column, key.end) == (2, 7, 14)
    item = source.span(("nodes", "b", 1))
    assert (item.line, item.column) == (3, 10)
    lost = source.span(("nodes", "a", "zone"))
    assert (lost.line, lost.column) == (2, 6)
