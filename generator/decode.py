"""Tree to model: every type error of a spec at once, each in the words of the spec.

Pydantic finds them; this module says them the way an admin would want to hear them, with the
nearest known name for a misspelt key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, Field, ValidationError, create_model

from generator.components import COMPONENTS
from generator.diagnostics import Finding, Path, Rule, dotted, nearest
from generator.source import Source
from generator.spec import FORMS, Part, SiteSpec

RULES = (
    Rule(
        "S101",
        "an unknown key",
        "A key that nothing reads is a wish that silently does not come true.",
        "remove it, or use the key that is meant; `stook schema` gives editors the list",
    ),
    Rule(
        "S102",
        "a key is missing",
        "Without it there is no way to know what is meant.",
        "add the key",
    ),
    Rule(
        "S103",
        "a value of the wrong type",
        "Another type would be guessed into something that nobody wrote.",
        "write the type that the reference page of the spec names",
    ),
    Rule(
        "S104",
        "a value out of bounds",
        "The daemons, or the formats that carry it, do not take such a value.",
        "use a value that the reference page of the spec allows",
    ),
    Rule(
        "S105",
        "a YAML 1.1 boolean or number",
        "yes, no, on, off, 010 and 1:30 mean different things to different YAML readers.",
        "write true or false, or a plain decimal number",
        source="https://yaml.org/spec/1.2.2/#103-core-schema",
    ),
)
UNKNOWN, MISSING, TYPE, BOUNDS, LEGACY = RULES

_OLD_BOOLEANS = frozenset(["yes", "no", "on", "off", "y", "n", "true", "false"])


@cache
def model() -> type[SiteSpec]:
    """The whole grammar: the site's own keys and one key per component that has a part."""
    parts: dict[str, Any] = {
        component.key: (component.model | None, Field(None, description=component.model.__doc__))
        for component in COMPONENTS
        if component.key and component.model
    }
    return create_model("Spec", __base__=SiteSpec, __doc__=SiteSpec.__doc__, **parts)


def decode(source: Source) -> tuple[SiteSpec | None, tuple[Finding, ...]]:
    """The decoded spec, or every reason why there is none."""
    data = source.data()
    if not isinstance(data, dict):
        return None, (TYPE.at((), "the spec must be a mapping of keys", "start with `stook: 1`"),)
    try:
        return model().model_validate(data), ()
    except ValidationError as error:
        found = (_finding(item, data) for item in error.errors(include_url=False))
        return None, tuple(dict.fromkeys(found))


def digest(source: Source) -> str:
    """SHA-256 of what the spec says; comments, order of keys and layout do not change it."""
    text = json.dumps(source.data(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _finding(item: Mapping[str, Any], data: dict[str, object]) -> Finding:
    kind, path = str(item["type"]), _in_tree(item["loc"], data)
    name = dotted(path[-1:]) if path else "the spec"
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "missing":
        return MISSING.at(path[:-1], f"`{name}` is missing", f"add `{name}:`")
    value = item.get("input")
    if kind in ("bool_type", "int_type") and isinstance(value, str) and _legacy(value, kind):
        return LEGACY.at(path, f"`{value}` is text, not {_noun(kind)}")
    if kind.endswith("_type") or kind in ("model_type", "dict_type", "list_type"):
        return TYPE.at(path, f"`{name}` must be {_noun(kind)}, not {_shown(value)}")
    return BOUNDS.at(path, f"`{name}` {_said(item)}")


def _in_tree(loc: tuple[str | int, ...], data: object) -> Path:
    """Pydantic's location without its own markers (`[key]`) and the index of a lone value."""
    path: list[str | int] = []
    for part in loc:
        if part == "[key]":
            continue
        if isinstance(data, dict) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif isinstance(part, int):
            continue
        path.append(part)
    return tuple(path)


def _unknown(path: Path) -> Finding:
    name = str(path[-1])
    hint = nearest(name, _keys(path[:-1]))
    return UNKNOWN.at(path, f"`{name}` is not a key here", hint, key=True)


def _keys(path: Path) -> tuple[str, ...]:
    """The keys that may stand at a path, read off the model's own schema."""
    schema: Any = model().model_json_schema()
    found = schema
    for part in path:
        found = _step(found, part, schema)
    found = _deref(found, schema)
    return tuple(found.get("properties", ()))


def _step(found: Any, part: str | int, schema: Any) -> Any:
    found = _deref(found, schema)
    if isinstance(part, int):
        return found.get("items", {})
    return found.get("properties", {}).get(part) or found.get("additionalProperties") or {}


def _deref(found: Any, schema: Any) -> Any:
    if not isinstance(found, dict):
        return {}
    for option in found.get("anyOf", ()):
        if "$ref" in option or option.get("type") in ("object", "array"):
            found = option
    if "$ref" in found:
        found = schema["$defs"][found["$ref"].rsplit("/", 1)[1]]
    return found


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


def _shown(value: object) -> str:
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
        words = FORMS.get(context["pattern"], f"look like {context['pattern']}")
        return f"must be {words}, not {_shown(item.get('input'))}"
    if kind == "literal_error":
        return f"must be {context['expected']}, not {_shown(item.get('input'))}"
    words = str(item["msg"])
    return words[0].lower() + words[1:].replace("Input", "it")


def schema() -> dict[str, Any]:
    """The JSON Schema of `site.yaml`, for editors."""
    found = model().model_json_schema(by_alias=True)
    for name, cls in _models().items():
        part = found if cls is SiteSpec else found["$defs"].get(name)
        for key, text in _meanings(cls).items() if part else ():
            part["properties"][cls.model_fields[key].alias or key]["description"] = text
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["title"] = "site.yaml"
    return found


def _models() -> dict[str, type[BaseModel]]:
    """Every model of the grammar, by both names that pydantic may give it in a schema."""
    found: dict[str, type[BaseModel]] = {}
    todo: list[type[BaseModel]] = [Part]
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        found[cls.__name__] = cls
        found[f"{cls.__module__}.{cls.__qualname__}".replace(".", "__")] = cls
    return found


def _meanings(cls: type[BaseModel]) -> dict[str, str]:
    """The docstrings of a model's attributes."""
    import ast
    import inspect

    if cls.__module__ == __name__:
        return {}  # put together here, from others
    (tree,) = ast.parse(inspect.getsource(cls)).body
    assert isinstance(tree, ast.ClassDef)
    pairs = zip(tree.body, tree.body[1:], strict=False)
    return {
        field.target.id: inspect.cleandoc(str(text.value.value))
        for field, text in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }


def parts() -> tuple[type[BaseModel], ...]:
    """The components' own models, for the reference page."""
    return tuple(c.model for c in COMPONENTS if c.model)
