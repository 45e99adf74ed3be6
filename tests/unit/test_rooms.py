"""Rooms and words: where things are, how much is in one place, and what they may be called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# One entry for each of a kind, under a name that a table or a spec has.
OF_A_KIND = {
    "generator/claims",
    "generator/components",
    "generator/formats",
    "generator/platforms",
    "verify/kinds",
    "verify/lab/faults",
    "verify/probes",
    "verify/readers",
    "verify/reports",
}
MOST = 9
LONGEST = 300
# Tables: a rule, a health code or an option after the other.
TABLES = {
    "generator/components/ceph/rules.py",
    "generator/components/gluster/rules.py",
    "generator/language/spec.py",
    "generator/planning/rules.py",
}
# Words that say nothing to somebody who comes from the field; docs/explanation/words.md has those
# that do.
PRIVATE = frozenset({"brings", "former", "found", "kept", "prove", "saying", "shown", "told"})
# A report's own key for what a node has instead of what is wanted.
ALLOWED = {("verify/contract.py", "found")}


def modules() -> Iterator[Path]:
    for room in ("generator", "verify"):
        yield from sorted((ROOT / room).rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def rooms() -> list[str]:
    packages = {path.parent for path in modules() if path.name == "__init__.py"}
    return sorted(name(path) for path in packages)


@pytest.mark.parametrize("room", rooms())
def test_a_room_says_in_one_sentence_what_it_is_about(room: str) -> None:
    text = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text("utf-8")))
    assert text and text.partition("\n\n")[0].endswith("."), room


@pytest.mark.parametrize("room", [room for room in rooms() if room.startswith("generator")])
def test_a_room_of_the_generator_has_nine_entries_at_most(room: str) -> None:
    hidden = ("__init__.py", "__main__.py", "__pycache__", "py.typed")
    entries = [path.name for path in (ROOT / room).iterdir() if path.name not in hidden]
    component = room.startswith("generator/components/")
    assert room in OF_A_KIND or component or len(entries) <= MOST, entries


def test_no_module_is_long_but_tables() -> None:
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert not {path: n for path, n in lengths.items() if n > LONGEST and path not in TABLES}


def identifiers(path: Path) -> Iterator[str]:
    """Whatever a module gives a name to."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_private_words_name_nothing() -> None:
    named = {
        (name(path), word)
        for path in modules()
        for identifier in identifiers(path)
        for word in identifier.lower().split("_")
        if word in PRIVATE
    }
    assert named == ALLOWED


def test_the_glossary_has_the_words_that_the_code_is_made_of() -> None:
    page = (ROOT / "docs/explanation/words.md").read_text("utf-8")
    for word in ("site", "component", "part", "claim", "expectation", "want", "kind", "verdict"):
        assert f"**{word}**" in page.lower(), word
    for room in rooms():
        if room.count("/") == 1:
            assert f"`{room}/`" in page, room
