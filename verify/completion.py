"""What a shell may complete: nodes and ids of checks of built folders, faults. Never an error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import click


def nodes(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Nodes of the folders given so far."""
    return _beginning((name for folder in _folders(context) for name in _nodes(folder)), incomplete)


def ids(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Ids of checks of the folders given so far."""
    places = ((folder, name) for folder in _folders(context) for name in _nodes(folder))
    files = (folder / name / "manifest.json" for folder, name in places)
    return _beginning(
        (str(one["id"]) for file in files for one in _read(file, "expectations")), incomplete
    )


def faults(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Faults that come with Stook, or those of --faults."""
    folder = context.params.get("folder") or Path(__file__).parent / "lab" / "faults"
    return _beginning((path.stem for path in sorted(Path(folder).glob("*.yaml"))), incomplete)


def _folders(context: click.Context) -> list[Path]:
    # where the word to complete is an option's value, click leaves the arguments unassigned
    loose = tuple(word for word in context.args if Path(word).is_dir())
    given = loose or context.params.get("bundles") or "."
    return [Path(one) for one in given] if isinstance(given, tuple) else [Path(given)]


def _nodes(folder: Path) -> Iterator[str]:
    yield from map(str, _read(folder / "site.json", "nodes"))


def _read(file: Path, key: str) -> Iterable[dict[str, object]]:
    """What a file of a bundle has under a key; nothing where it is none."""
    try:
        value = json.loads(file.read_bytes())[key]
    except (OSError, ValueError, LookupError, TypeError):
        return ()
    return value if isinstance(value, list | dict) else ()


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]
