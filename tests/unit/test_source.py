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
