"""Packages come only from whom the platform and the spec trust."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath
from verify.plain import ContractError, typed
from verify.readers.answers import text
from verify.readers.compare import extra


@dataclass(frozen=True, slots=True)
class Want:
    """The files of the bundle, and those that the spec says are there by agreement.

    `release` is a word of each suite that is the platform's: `bookworm`, `bookworm-updates`.
    """

    files: tuple[AbsolutePath, ...]
    release: str


class Source(NamedTuple):
    """A source of packages: `keys` are files of keys, `loose` is what spares it a signature."""

    file: str
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    keys: tuple[str, ...]
    loose: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """All sources of binary packages, keys that are believed for any source, and pins.

    `packaged` are the files among them that are as a package has brought them, `settings` those
    with which nothing needs a signature.
    """

    sources: tuple[Source, ...]
    keys: tuple[str, ...]
    preferences: tuple[str, ...]
    packaged: tuple[str, ...]
    settings: tuple[str, ...]


ASKED = "sources of packages"
ROW = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def commands(want: Want) -> Mapping[str, Command]:
    """The files that the package manager reads, and whose each of them is."""
    typed = "/etc/apt: sources, keys and preferences; apt-config dump"
    return {"sources": probes.ask("apt_sources", typed=typed, timeout=30)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A node without any source is one, and gets no updates."""
    printed = text(outputs["sources"], ASKED)
    try:
        data = json.loads(printed)
        rows = typed(tuple[ROW, ...], data["sources"], ASKED)
        names = ("keys", "preferences", "packaged", "settings")
        lists = [typed(tuple[str, ...], data[name], name) for name in names]
    except (ValueError, TypeError, KeyError, ContractError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    return Seen(tuple(Source(*row) for row in rows), *lists)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A mirror may be any: what counts is whose signature is believed.

    A file that a package has brought is that package's, and named only.
    """
    fine = {*want.files, *seen.packaged}
    sources = [source for source in seen.sources if source.file not in fine]
    return (
        *extra("source", (fault for one in sources for fault in _faults(want, fine, one))),
        *extra("trusted key", set(seen.keys) - fine),
        *extra("preference", set(seen.preferences) - fine),
        *extra("setting", seen.settings),
    )


def _faults(want: Want, fine: set[str], source: Source) -> Iterator[str]:
    """Without keys of its own, a source is signed by those that any is."""
    name = f"{' '.join(source.uris)} of {source.file}"
    yield from (f"{name}, {word}" for word in source.loose)
    # a fingerprint chooses among the keys that are believed for any source
    files = (key for key in source.keys if key.startswith("/") or " " in key)
    yield from (f"{name}, signed by {key}" for key in files if key not in fine)
    words = (suite.replace("/", "-").split("-") for suite in source.suites)
    if not all(want.release in each for each in words):
        yield f"{name}, for {' '.join(source.suites)}"
