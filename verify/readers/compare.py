"""Comparing what is wanted with what was found: missing, extra, different."""

from __future__ import annotations

from collections.abc import Iterable

from verify.contract import Difference

NONE = "(none)"


def same(what: str, wanted: object, actual: object) -> tuple[Difference, ...]:
    """One difference, or none when both are equal."""
    return () if wanted == actual else (Difference(what, readable(wanted), readable(actual)),)


def sets(what: str, wanted: Iterable[str], actual: Iterable[str]) -> tuple[Difference, ...]:
    """One difference for everything that is missing and one for everything that is extra."""
    want, have = set(wanted), set(actual)
    return missing(what, want - have) + extra(what, have - want)


def missing(what: str, items: Iterable[str]) -> tuple[Difference, ...]:
    """What should be there and is not."""
    text = ", ".join(sorted(map(str, items)))
    return (Difference(what, text, "missing"),) if text else ()


def extra(what: str, items: Iterable[str]) -> tuple[Difference, ...]:
    """What is there and should not be."""
    text = ", ".join(sorted(map(str, items)))
    return (Difference(what, "nothing else", text),) if text else ()


def readable(value: object) -> str:
    """A value as a person reads it."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or NONE
    return str(value) or NONE
