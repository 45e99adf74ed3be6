"""What a spec gives once for all nodes of a thing, or each node by name or by range of names.

A value of the first sort stands at its key; one of the second at the name, or range, below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from generator.language.findings import NAMED, Finding, Path, Rule
from generator.language.ranges import RangeError, expand
from generator.planning.nodes import no_node
from generator.planning.rules import BAD_RANGE, NOT_ITS, TWO_ENTRIES

T = TypeVar("T")


def values(given: T | Mapping[str, T], path: Path) -> Iterator[tuple[T, Path]]:
    """Each value that is written, with its place."""
    if isinstance(given, Mapping):
        yield from ((value, (*path, key)) for key, value in given.items())
    else:
        yield given, path


def spread(
    given: T | Mapping[str, T], nodes: Collection[str], path: Path
) -> dict[str, tuple[T, Path]]:
    """The value of each of some nodes, with its place; a node that is given none is left out."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(nodes, (given, path))
    own: dict[str, tuple[T, Path]] = {}
    for key, value in given.items():
        for name in _names(key):
            own.setdefault(name, (value, (*path, key)))
    return {name: own[name] for name in nodes if name in own}


def check(
    given: object, owners: Sequence[str], nodes: Collection[str], path: Path, missing: Rule
) -> Iterator[Finding]:
    """What is wrong with the names of a mapping that is for `owners`, of all `nodes` some.

    `missing` is the rule for those of them that are given nothing.
    """
    if not isinstance(given, Mapping):
        return
    first: dict[str, Path] = {}
    known, bad = frozenset(owners), False
    for key in given:
        where = (*path, key)
        try:
            names = expand(key)
        except RangeError as error:
            bad = True
            yield BAD_RANGE.at(where, str(error), key=True)
            continue
        unknown = [name for name in names if name not in nodes]
        if unknown:
            bad = True
            yield replace(no_node(key, unknown, nodes, where), key=True)
        yield from _strangers(names, known, nodes, where)
        twice = [name for name in names if name in first]
        if twice:
            message = f"a second entry for {_named(twice)}"
            yield TWO_ENTRIES.at(where, message, key=True, also=(first[twice[0]],))
        first.update(dict.fromkeys((name for name in names if name not in first), where))
    without = [name for name in owners if name not in first]
    if without and not bad:
        yield missing.at(path, f"`{path[-1]}` has no entry for {_named(without)}", key=True)


def _strangers(
    names: Sequence[str], owners: Collection[str], nodes: Collection[str], where: Path
) -> Iterator[Finding]:
    strangers = [name for name in names if name in nodes and name not in owners]
    if strangers:
        message = f"`{where[-3]}` is not on {_named(strangers)}"
        yield NOT_ITS.at(where, message, key=True)


def _named(names: Sequence[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:NAMED])
    return f"{listed} and {len(names) - NAMED:,} more" if names[NAMED:] else listed


def _names(key: str) -> tuple[str, ...]:
    try:
        return expand(key)
    except RangeError:
        return ()
