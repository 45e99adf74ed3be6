"""The JSON Schema of `site.yaml`: every key that there is, with its meaning.

Nothing else needs it, and it costs more than a check: `stook schema` and the reference page ask.
"""

from __future__ import annotations

import ast
import inspect
from typing import Any, get_args

from pydantic import BaseModel

from generator.components import TABLE
from generator.language.decode import model
from generator.language.spec import Part, SiteSpec


def schema() -> dict[str, Any]:
    """The JSON Schema of `site.yaml`, for editors."""
    form = model(TABLE)
    whole = form.model_json_schema(by_alias=True)
    for name, cls in _models().items():
        part = whole if cls is SiteSpec else whole["$defs"].get(name)
        for key, text in _meanings(cls).items() if part else ():
            part["properties"][cls.model_fields[key].alias or key]["description"] = text
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stook:site:{get_args(SiteSpec.model_fields['stook'].annotation)[0]}",
        "title": "site.yaml",
    }
    return head | whole | head


def _models() -> dict[str, type[BaseModel]]:
    """Every model of the grammar, by both names that pydantic may give it in a schema."""
    models: dict[str, type[BaseModel]] = {}
    todo: list[type[BaseModel]] = [Part]
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        models[cls.__name__] = cls
        models[f"{cls.__module__}.{cls.__qualname__}".replace(".", "__")] = cls
    return models


def _meanings(cls: type[BaseModel]) -> dict[str, str]:
    """The docstrings of a model's attributes."""
    if cls.__module__ == model.__module__:
        return {}  # put together there, from others
    (tree,) = ast.parse(inspect.getsource(cls)).body
    assert isinstance(tree, ast.ClassDef)
    pairs = zip(tree.body, tree.body[1:], strict=False)
    return {
        field.target.id: inspect.cleandoc(str(text.value.value))
        for field, text in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }
