"""Tree to model: every type error of a spec at once, each in the words of the spec.

Pydantic finds them; this module says them the way an admin would want to hear them, with the
nearest known name for a misspelt key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError, create_model

from generator.components import TABLE, Entry, asked_for
from generator.language.findings import Finding, Path, Rule, dotted, nearest
from generator.language.spec import FORMS, SiteSpec
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

_OLD_BOOLEANS = frozenset(["yes", "no", "on", "off", "y", "n", "true", "false"])


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
        return None, (TYPE.at((), "the spec must be a mapping of keys", "start with `stook: 1`"),)
    form = model(asked_for(data, table))
    try:
        return form.model_validate(data), ()
    except ValidationError as error:
        keys = (*names(form), *(entry.key for entry in table if entry.key))
        at: dict[tuple[Path, bool], list[Mapping[str, Any]]] = {}
        for item in error.errors(include_url=False):
            at.setdefault((_in_tree(item, data), "[key]" in item["loc"]), []).append(item)
        reported = (_finding(path, items, form, keys) for (path, _), items in at.items())
        return None, tuple(dict.fromkeys(reported))


def digest(source: Source) -> str:
    """SHA-256 of what the spec says; comments, order of keys and layout do not change it."""
    text = json.dumps(source.data(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _finding(
    path: Path, items: Sequence[Mapping[str, Any]], form: type[SiteSpec], keys: tuple[str, ...]
) -> Finding:
    """What is wrong with one value; with one that may be of several types, for each of them."""
    about_keys = [item for item in items if item["type"] in ("extra_forbidden", "missing")]
    if len(items) > 1 and not about_keys:
        wanted = " or ".join(dict.fromkeys(_wanted(item) for item in items))
        actual = _in_words(items[0].get("input"))
        return BOUNDS.at(path, f"`{dotted(path[-1:])}` must be {wanted}, not {actual}")
    item = (about_keys or items)[0]
    kind = str(item["type"])
    name = dotted(path[-1:]) if path else "the spec"
    if kind == "extra_forbidden":
        known = names(inside(form, path[:-1])) if path[1:] else keys
        return UNKNOWN.at(path, f"`{name}` is not a key here", nearest(name, known), key=True)
    if kind == "missing":
        return MISSING.at(path[:-1], f"`{name}` is missing", f"add `{name}:`")
    value = item.get("input")
    if kind in ("bool_type", "int_type") and isinstance(value, str) and _legacy(value, kind):
        return LEGACY.at(path, f"`{value}` is text, not {_noun(kind)}")
    if kind.endswith("_type") or kind in ("model_type", "dict_type", "list_type"):
        return TYPE.at(path, f"`{name}` must be {_noun(kind)}, not {_in_words(value)}")
    return BOUNDS.at(path, f"`{name}` {_said(item)}")


def _in_tree(item: Mapping[str, Any], data: object) -> Path:
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


def names(form: object) -> tuple[str, ...]:
    """The keys of a mapping, where its type says which there are."""
    if not (isinstance(form, type) and issubclass(form, BaseModel)):
        return ()
    return tuple(field.alias or name for name, field in form.model_fields.items())


def inside(form: object, path: Path) -> object:
    """The type of what stands at a path below a type."""
    for part in path:
        form = _step(_chosen(form), part)
    return _chosen(form)


def _step(form: object, part: str | int) -> object:
    if isinstance(form, type) and issubclass(form, BaseModel):
        fields = form.model_fields.items()
        return next((f.annotation for name, f in fields if (f.alias or name) == part), None)
    # of a list its items, of a mapping its values
    return get_args(form)[-1] if get_origin(form) in (list, dict) else None


def _chosen(form: object) -> object:
    """A type without its constraints; of several, the one that has something inside."""
    if get_origin(form) is Annotated:
        return _chosen(get_args(form)[0])
    if get_origin(form) in (list, dict) or not get_args(form):
        return form
    options = [_chosen(option) for option in get_args(form)]
    return next((one for one in options if names(one) or get_args(one)), None)


def _legacy(value: str, kind: str) -> bool:
    if kind == "bool_type":
        return value.lower() in _OLD_BOOLEANS
    return value.lstrip("+-").replace(":", "").replace("_", "").isdigit()


def _noun(kind: str) -> str:
    return {
        "bool_type": "true or false",
        "int_type": "a whole number",
        "string_type": "text",
        "dict_type": "a mapping of keys",
        "model_type": "a mapping of keys",
        "model_attributes_type": "a mapping of keys",
        "list_type": "a list",
    }.get(kind, "of another type")


def _in_words(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text[:40]}`"


def _said(item: Mapping[str, Any]) -> str:
    context, kind = item.get("ctx", {}), str(item["type"])
    if kind == "value_error":
        return str(context.get("error", item["msg"]))
    if kind == "string_pattern_mismatch":
        words = FORMS.get(context["pattern"])
        wanted = f"be {words}" if words else f"match {context['pattern']}"
        return f"must {wanted}, not {_in_words(item.get('input'))}"
    if kind == "literal_error":
        return f"must be {context['expected']}, not {_in_words(item.get('input'))}"
    bound = context.get("ge", context.get("le"))
    if bound is not None:
        side = "at least" if "ge" in context else "at most"
        return f"must be {side} {bound}, not {_in_words(item.get('input'))}"
    if {"min_length", "max_length"} & set(context):
        return _length(kind, context)
    message = str(item["msg"])
    return message[0].lower() + message[1:].replace("Input", "it")


def _length(kind: str, context: Mapping[str, Any]) -> str:
    things = "characters" if kind.startswith("string") else "items"
    if "max_length" in context:
        return f"must have at most {context['max_length']} {things}"
    least = context["min_length"]
    return "must not be empty" if least == 1 else f"must have at least {least} {things}"


def _wanted(item: Mapping[str, Any]) -> str:
    """What a value would have to be."""
    kind = str(item["type"])
    if kind.endswith("_type"):
        return _noun(kind)
    return _said(item).removeprefix("must be ").partition(", not ")[0]
