"""Keys that may stand at a place, as the models say and as the JSON Schema says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

import pytest

from generator.components import TABLE
from generator.language import decode
from generator.language.schema import schema
from generator.pipeline import run

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


BASE = (FilePath(__file__).parents[1] / "rules/base.yaml").read_text(encoding="utf-8")
THREE = (FilePath(__file__).parents[2] / "bundles/ceph-three/site.yaml").read_text(encoding="utf-8")
POOL = "pg_num: 32, application: rbd"
SAID = {
    "one of two types": (THREE, POOL, "pg_num: x", "must be a whole number or 'auto', not `x`"),
    "neither type": (THREE, POOL, "pg_num: [1]", "must be a whole number or 'auto', not a list"),
    "too large": (THREE, POOL, "pg_num: 70000", "must be at most 32768 or 'auto', not `70000`"),
    "too small": (THREE, POOL, "pg_num: 0", "must be at least 1 or 'auto', not `0`"),
    "one type": (BASE, "port: 9100", "port: 0", "must be at least 1, not `0`"),
    "empty": (BASE, "suites: [./]", "suites: []", "must not be empty"),
    "a name": (BASE, "    wp:\n", "    WP:\n", "must match ^[a-z][a-z0-9_-]{0,62}$, not `WP`"),
}


@pytest.mark.parametrize("name", SAID)
def test_each_value_has_one_finding_in_plain_words(name: str, tmp_path: FilePath) -> None:
    text, old, new, words = SAID[name]
    assert old in text
    path = tmp_path / "site.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    (finding,) = (one for one in run(path).findings if one.rule in ("S103", "S104"))
    key = new.split(":")[0].strip()
    assert finding.message == f"`{key}` {words}"
    assert finding.path[-1] == key
