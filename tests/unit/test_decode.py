"""Keys that may stand at a place, as the models say and as the JSON Schema says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.components import TABLE
from generator.language import decode
from generator.language.schema import schema

Path = tuple[str | int, ...]


def places(part: dict[str, Any], defs: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """Every path of a schema with the keys that may stand there; `*` is any name."""
    for option in (part, *part.get("anyOf", ())):
        name = option.get("$ref", "").rpartition("/")[2]
        found = defs[name] if name else option
        if "properties" in found:
            yield path
            for key, item in found["properties"].items():
                yield from places(item, defs, (*path, key))
        for key, index in (("items", 0), ("additionalProperties", "*")):
            if isinstance(found.get(key), dict):
                yield from places(found[key], defs, (*path, index))


def keys(part: dict[str, Any], defs: dict[str, Any], path: Path) -> set[str]:
    """The keys that a schema has at a path."""
    options = [part, *part.get("anyOf", ())]
    inside = [defs[o["$ref"].rpartition("/")[2]] if "$ref" in o else o for o in options]
    if not path:
        return {key for one in inside for key in one.get("properties", ())}
    first, rest = path[0], path[1:]
    for one in inside:
        below = one.get("properties", {}).get(first)
        below = below or one.get("items" if first == 0 else "additionalProperties")
        if isinstance(below, dict):
            return keys(below, defs, rest)
    raise AssertionError(path)


def test_the_models_know_the_keys_of_every_place_that_the_schema_has() -> None:
    whole = schema()
    found = list(places(whole, whole["$defs"]))
    assert len(found) > 25
    for path in found:
        known = decode.names(decode.inside(decode.model(TABLE), path))
        assert set(known) == keys(whole, whole["$defs"], path), path
