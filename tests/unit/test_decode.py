"""Keys that may stand at a place, as the models say and as the JSON Schema says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

import pytest

from generator.components import TABLE
from generator.language import decode
from generator.language.decode.keys import inside, names
from generator.language.schema import schema
from generator.language.spec import FORMS
from generator.pipeline import run

Path = tuple[str | int, ...]
# what a jail's times look like is said by hand
DURATION = "^[0-9]+[smhdw]?$"


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
        known = names(inside(decode.model(TABLE), path))
        assert set(known) == keys(whole, whole["$defs"], path), path


BASE = (FilePath(__file__).parents[1] / "rules/base.yaml").read_text(encoding="utf-8")
THREE = (FilePath(__file__).parents[2] / "bundles/ceph-three/site.yaml").read_text(encoding="utf-8")
POOL = "pg_num: 32, application: rbd"
SAID = {
    "one of two types": (THREE, POOL, "pg_num: x", "must be a whole number or `auto`, not `x`"),
    "neither type": (THREE, POOL, "pg_num: [1]", "must be a whole number or `auto`, not a list"),
    "too large": (THREE, POOL, "pg_num: 70000", "must be at most 32768 or `auto`, not `70000`"),
    "too small": (THREE, POOL, "pg_num: 0", "must be at least 1 or `auto`, not `0`"),
    "one type": (BASE, "port: 9100", "port: 0", "must be at least 1, not `0`"),
    "empty": (BASE, "suites: [./]", "suites: []", "must not be empty"),
    "a name": (
        BASE,
        "    wp:\n",
        "    WP:\n",
        "as a key must be a volume's name: lower-case letters, digits, `_` and `-`, "
        "a letter first, 63 at the most",
    ),
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


HELPS = {
    "a meaning": (BASE, "port: 9100", "port: x", "its meaning: Port number"),
    "a list's": (BASE, "packages: [", "packages: ['a b', ", "its meaning: Packages to install"),
    "a list": (BASE, "suites: [./]", "suites: ./", "write it as a list, `suites: [...]`"),
    "a mapping": (
        BASE,
        "time: {servers: [ntp.example.internal]}",
        "time: x",
        "its keys: `servers`",
    ),
    "a long text": (BASE, "zone: a", "zone: " + 5000 * "a", "its meaning: Where it stands"),
    "a name": (BASE, "    wp:", "    WP:", "use another name"),
    "what is missing": (BASE, "port: 9100, ", "", "add `port:` (Port number)"),
    "one of some words": (BASE, "provider: nocloud", "provider: ec3", "did you mean `ec2`?"),
    "another level": (BASE, "gluster:", "gluster:\n  replica: 3", "key of `gluster.volumes.NAME`"),
    "too deep": (BASE, "{path: /var/www/html}", "{path: /w, replica: 3}", "`gluster.volumes.NAME`"),
}


@pytest.mark.parametrize("name", HELPS)
def test_the_way_out_is_that_of_the_key(name: str, tmp_path: FilePath) -> None:
    text, old, new, way = HELPS[name]
    assert old in text
    path = tmp_path / "site.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(way in one.help for one in run(path).findings)


NAMES = {
    "an item": ("packages: [", "packages: ['a b', ", "`packages[0]` must be a package's name"),
    "a key of an item": ("port: 9100", "port: 0", "`port` must be at least 1"),
    "a long text": ("zone: a", "zone: " + 5000 * "a", "must have at most 4,096 characters"),
    "a pattern": ("site: shop", "site: Shop", "must be a single lower-case label"),
    "one of some words": ("provider: nocloud", "provider: x", "must be `nocloud`, `ec2`"),
    "an item of items": ("ports: [{port: 9100, from", "ports: [{from", "missing in `ports[0]`"),
}


@pytest.mark.parametrize("name", NAMES)
def test_places_are_named_as_people_write_them(name: str, tmp_path: FilePath) -> None:
    old, new, words = NAMES[name]
    path = tmp_path / "site.yaml"
    path.write_text(BASE.replace(old, new, 1), encoding="utf-8")
    (one,) = run(path).findings
    assert words in one.message
    assert "`[" not in one.message and "^" not in one.message


def test_a_secret_in_a_spec_is_not_said_again(tmp_path: FilePath) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(BASE.replace("{secret: db-password}", "hunter2"), encoding="utf-8")
    (one,) = run(path).findings
    assert one.rule == "S103" and one.path == ("web", "database", "password")
    assert "hunter2" not in one.message + one.help and "`{secret: NAME}`" in one.help


def patterns(part: object) -> Iterator[str]:
    """Every pattern of a schema."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "pattern":
                yield value
            elif key == "patternProperties":
                yield from value
            yield from patterns(value)
    elif isinstance(part, list):
        for item in part:
            yield from patterns(item)


def test_every_pattern_of_the_grammar_has_its_words() -> None:
    without = set(patterns(schema())) - set(FORMS) - {DURATION}
    assert not without
    assert all(words.startswith(("a ", "an ", "the ")) for words in FORMS.values())


TYPED = {
    "a volume": (BASE, "replica: 3", "replcia: 3", "replica"),
    "a mount": (BASE, "{path: /var/www/html}", "{pth: /var/www/html}", "path"),
    "a node": (BASE, "address: 10.77.0.21", "adress: 10.77.0.21", "address"),
    "a port": (BASE, "{port: 9100", "{prot: 9100", "port"),
    "a secret": (BASE, "{secret: db-password}", "{secrt: db-password}", "secret"),
    "one of two types": (BASE, "root: /", "source: {tarbal: x}, root: /", "tarball"),
    "a pool": (THREE, "application: rbd", "aplication: rbd", "application"),
    "an OSD": (THREE, "[storage01]", "[{disc: storage01}]", "disk"),
    "a jail": (BASE, "web:", "fail2ban: {jails: {x: {max_retry: 5}}}\nweb:", "maxretry"),
    "what a jail watches": (
        BASE,
        "web:",
        "fail2ban: {jails: {x: {watch: {nmae: x}}}}\nweb:",
        "name",
    ),
    "an increment": (
        BASE,
        "web:",
        "fail2ban: {jails: {x: {increment: {maxtme: 1h}}}}\nweb:",
        "maxtime",
    ),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_mistyped_key_is_one_finding_at_the_key_with_the_one_that_is_meant(
    name: str, tmp_path: FilePath
) -> None:
    text, old, new, meant = TYPED[name]
    path = tmp_path / "site.yaml"
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = run(path).findings
    (one,) = (one for one in found if one.rule == "S101")
    assert one.help == f"did you mean `{meant}`?"
    assert one.span
    assert one.span.text[one.span.column - 1 :].startswith(str(one.path[-1]))
    # and not that the one which is meant is missing
    assert not [o for o in found if o.rule == "S102" and f"`{meant}`" in o.message]
