"""What pydantic finds wrong with a value, in the words of people who write specs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator.language.findings import Path, dotted
from generator.language.spec import FORMS, SecretRef

Error = Mapping[str, Any]

_OLD_BOOLEANS = frozenset(["yes", "no", "on", "off", "y", "n", "true", "false"])
_NOUNS = {
    "bool_type": "`true` or `false`",
    "int_type": "a whole number",
    "string_type": "text",
    "dict_type": "a mapping of keys",
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "list_type": "a list",
}


def name(path: Path) -> str:
    """A place as people speak of it: its key, and of what a list holds the number, too."""
    keys = [index for index, part in enumerate(path) if isinstance(part, str)]
    return f"`{dotted(path[keys[-1] :])}`" if keys else "the spec"


def is_type(error: Error) -> bool:
    """Whether the value is of a type that nobody can read as the right one."""
    return str(error["type"]) in _NOUNS


def is_of_another_type(error: Error) -> bool:
    """Whether this is only what one of several types says of a value of another one of them."""
    return is_type(error) or error["type"] == "literal_error"


def is_legacy(error: Error) -> bool:
    """Whether the value is a boolean or a number for some readers of YAML, and text for others."""
    value, kind = error.get("input"), error["type"]
    if not isinstance(value, str):
        return False
    if kind == "bool_type":
        return value.lower() in _OLD_BOOLEANS
    digits = value.lstrip("+-").replace(":", "").replace("_", "")
    return kind == "int_type" and digits.isdigit() and len(digits) < 19


def is_secret(error: Error) -> bool:
    """Whether a secret stands where its name belongs; then it is not said again."""
    name = error.get("ctx", {}).get("class_name")
    return name == SecretRef.__name__ and not isinstance(error.get("input"), dict)


def options(error: Error) -> tuple[str, ...]:
    """The words of which a value must be one."""
    expected = str(error.get("ctx", {}).get("expected", ""))
    return tuple(re.findall(r"'([^']*)'", expected)) if error["type"] == "literal_error" else ()


def problem(errors: Sequence[Error]) -> str:
    """What is wrong with one value; with one that may be of several types, for each of them."""
    own = next((error for error in errors if error["type"] == "value_error"), None)
    # that text is no mapping says nothing where a text may stand, too
    if own and all(error is own or error["type"] == "dict_type" for error in errors):
        return str(own["ctx"]["error"])
    wanted = " or ".join(dict.fromkeys(filter(None, map(_wanted, errors))))
    if not wanted:
        message = str(errors[0]["msg"])
        return message[0].lower() + message[1:].replace("Input", "it")
    sized = all(
        "min_length" in e.get("ctx", {}) or "max_length" in e.get("ctx", {}) for e in errors
    )
    actual = "" if sized else f", not {in_words(errors[0].get('input'))}"
    return f"must {wanted if sized else f'be {wanted}'}{actual}"


def in_words(value: object) -> str:
    """A value as a finding shows it."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping of keys"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f"`{line[:40]}…`" if len(line) > 41 else f"`{line}`"


def _wanted(error: Error) -> str:
    """What a value would have to be."""
    context, kind = error.get("ctx", {}), str(error["type"])
    if kind in _NOUNS:
        return _NOUNS[kind]
    if kind == "string_pattern_mismatch":
        return FORMS[context["pattern"]]
    if kind == "literal_error":
        return str(context["expected"]).replace("'", "`")
    if kind == "value_error":
        return str(context["error"]).removeprefix("must be ")
    bound = context.get("ge", context.get("le"))
    if bound is not None:
        return f"{'at least' if 'ge' in context else 'at most'} {bound}"
    return _length(error.get("input"), context)


def _length(value: object, context: Mapping[str, Any]) -> str:
    things = "characters" if isinstance(value, str) else "items"
    if "max_length" in context:
        return f"have at most {context['max_length']:,} {things}"
    least = context.get("min_length")
    if least is None:
        return ""
    return "not be empty" if least == 1 else f"have at least {least} {things}"
