"""Tree to model: every type error of a spec at once, each in the words of the spec.

Pydantic finds them; `words` says them the way an admin would want to hear them, and `keys` has the
nearest known name for a misspelt key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import Field, ValidationError, create_model

from generator.components import TABLE, Entry, asked_for
from generator.language.decode import words
from generator.language.decode.keys import home, inside, meaning, names
from generator.language.decode.words import Error
from generator.language.findings import ALIKE, Finding, Path, Rule, dotted, nearest
from generator.language.spec import SiteSpec
from generator.language.tree import Source

UNKNOWN = Rule(
    "S101",
    "an unknown key",
    "A key that nothing reads is a wish that silently does not come true.",
    "remove it, or use the key that is meant; `stook schema` gives editors the list",
)
MISSING = Rule(
    "S102",
    "a key is missing",
    "Without it there is no way to know what is meant.",
    "add the key",
)
TYPE = Rule(
    "S103",
    "a value of the wrong type",
    "Another type would be guessed into something that nobody wrote.",
    "write the type that the reference page of the spec names",
)
BOUNDS = Rule(
    "S104",
    "a value out of bounds",
    "The daemons, or the formats that carry it, do not take such a value.",
    "use a value that the reference page of the spec allows",
)
LEGACY = Rule(
    "S105",
    "a YAML 1.1 boolean or number",
    "yes, no, on, off, 010 and 1:30 mean different things to different YAML readers.",
    "write true or false, or a plain decimal number",
    source="https://yaml.org/spec/1.2.2/#103-core-schema",
)
RULES = (UNKNOWN, MISSING, TYPE, BOUNDS, LEGACY)


def model(entries: Iterable[Entry]) -> type[SiteSpec]:
    """The grammar of a spec: the site's own keys and those of some components."""
    return _model(tuple(entries))


@cache
def _model(entries: tuple[Entry, ...]) -> type[SiteSpec]:
    models = {entry.key: entry.load().model for entry in entries if entry.key}
    parts: dict[str, Any] = {
        key: (form | None, Field(None, description=form.__doc__))
        for key, form in models.items()
        if form
    }
    return create_model("Spec", __base__=SiteSpec, __doc__=SiteSpec.__doc__, **parts)


def decode(
    source: Source, table: tuple[Entry, ...] = TABLE
) -> tuple[SiteSpec | None, tuple[Finding, ...]]:
    """The decoded spec, or every reason why there is none."""
    data = source.data()
    if not isinstance(data, dict):
        wrong = f"the spec must be a mapping of keys, not {words.in_words(data)}"
        return None, (TYPE.at((), wrong, "start with `stook: 1`"),)
    form = model(asked_for(data, table))
    try:
        return form.model_validate(data), ()
    except ValidationError as error:
        keys = (*names(form), *(entry.key for entry in table if entry.key))
        return None, tuple(_findings(_places(error, data), form, keys))


def digest(source: Source) -> str:
    """SHA-256 of what the spec says; comments, order of keys and layout do not change it."""
    text = json.dumps(source.data(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# Of so many values it is said what they are for; the rest is summed up.
_EXPLAINED = 50

Places = dict[tuple[Path, bool], list[Error]]


def _places(error: ValidationError, data: object) -> Places:
    """What is wrong, by place; a place is a path, and whether its key is meant.

    Where a value may be of several types, what is wrong inside it says more than the others do.
    """
    at: Places = {}
    for item in error.errors(include_url=False):
        at.setdefault((_in_tree(item, data), "[key]" in item["loc"]), []).append(item)
    parents = {path[:depth] for path, key in at if not key for depth in range(len(path))}
    for place in [(path, key) for path, key in at if path in parents and not key]:
        at[place] = [item for item in at[place] if not words.is_of_another_type(item)]
    return {place: items for place, items in at.items() if items}


def _findings(at: Places, form: type[SiteSpec], keys: tuple[str, ...]) -> Iterator[Finding]:
    missing: dict[Path, dict[str, None]] = {}
    unknown: list[Path] = []
    for number, ((path, key), items) in enumerate(at.items()):
        kinds = {str(item["type"]) for item in items}
        if "extra_forbidden" in kinds:
            unknown.append(path)
        elif "missing" in kinds:
            missing.setdefault(path[:-1], {})[str(path[-1])] = None
        else:
            # what is summed up needs no way out of its own
            yield _value(path, items, key, _way(path, items, form) if number < _EXPLAINED else "")
    for number, path in enumerate(unknown):
        known = names(inside(form, path[:-1])) if path[1:] else keys
        near = _meant(path, known, form) if number < ALIKE else ""
        yield UNKNOWN.at(path, f"{words.name(path)} is not a key here", near, key=True)
        for name in [name for name in missing.get(path[:-1], ()) if f"`{name}`" in near]:
            del missing[path[:-1]][name]
    for path, wanted in missing.items():
        if wanted:
            yield _missing(path, tuple(wanted), form)


def _meant(path: Path, known: Iterable[str], form: type[SiteSpec]) -> str:
    """The key that is nearest, or where one that is known has its place."""
    place = home(form, path)
    elsewhere = f"it is a key of `{dotted(place)}`" if place else ""
    return nearest(str(path[-1]), known) or elsewhere


def _missing(path: Path, wanted: Sequence[str], form: object) -> Finding:
    """Keys that one mapping lacks; the mapping's own key is where they are missed."""
    listed = ", ".join(f"`{name}`" for name in wanted)
    message = f"{listed} {'is' if len(wanted) == 1 else 'are'} missing"
    where = f" in {words.name(path)}" if path else ""
    lines = ", ".join(f"`{name}:`" for name in wanted)
    what = meaning(form, (*path, wanted[0])) if len(wanted) == 1 else ""
    way = f"add {lines} ({what})" if what else f"add {lines}"
    return MISSING.at(path, message + where, way, key=True)


def _way(path: Path, items: Sequence[Error], form: type[SiteSpec]) -> str:
    """What a key is for, which keys it has, and how a list is written."""
    kinds = {str(item["type"]) for item in items}
    what, ways = meaning(form, path), []
    if kinds == {"list_type"} and isinstance(items[0]["input"], str | int):
        ways.append(f"write it as a list, `{dotted(path[-1:])}: [...]`")
    if "model_type" in kinds and (keys := names(inside(form, path))):
        ways.append(f"its keys: {', '.join(f'`{name}`' for name in keys)}")
    return "; ".join((*ways, f"its meaning: {what}") if what else ways)


def _value(path: Path, items: Sequence[Error], key: bool, way: str) -> Finding:
    name, problem = words.name(path), words.problem(items)
    if key:
        wanted = problem.partition(", not ")[0]
        return BOUNDS.at(path, f"{name} as a key {wanted}", "use another name", key=True)
    if words.is_secret(items[0]):
        message = f"{name} must be the name of a secret, which itself never stands in a spec"
        return TYPE.at(path, message, "write `{secret: NAME}`; `stook secrets` takes the secret")
    if len(items) > 1:
        return BOUNDS.at(path, f"{name} {problem}", way)
    (item,) = items
    if words.is_legacy(item):
        wanted = problem.removeprefix("must be ").partition(", not ")[0]
        return LEGACY.at(path, f"{name} must be {wanted}; `{item['input']}` is text")
    if words.is_type(item):
        return TYPE.at(path, f"{name} {problem}", way)
    near = nearest(str(item.get("input")), words.options(item))
    return BOUNDS.at(path, f"{name} {problem}", near or way)


def _in_tree(item: Error, data: object) -> Path:
    """Pydantic's location without its own markers and the index of a lone value.

    A marker is `[key]`, or the type that it tried where a value may be of several.
    """
    path: list[str | int] = []
    missing = len(item["loc"]) - 1 if item["type"] == "missing" else None
    for index, part in enumerate(item["loc"]):
        absent = isinstance(part, str) and not (isinstance(data, dict) and part in data)
        if absent and index != missing:
            continue
        if isinstance(data, dict) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif isinstance(part, int):
            continue
        path.append(part)
    return tuple(path)
