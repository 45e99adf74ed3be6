"""The JSON Schema of `site.yaml`: every key that there is, with its meaning.

Nothing else needs it, and it costs more than a check: `stook schema` and the reference page ask.
"""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel

from generator.components import TABLE
from generator.language.decode import model
from generator.language.decode.keys import meanings
from generator.language.spec import Part, SiteSpec


def schema() -> dict[str, Any]:
    """The JSON Schema of `site.yaml`, for editors."""
    form = model(TABLE)
    whole = form.model_json_schema(by_alias=True)
    for name, cls in _models().items():
        part = whole if cls is SiteSpec else whole["$defs"].get(name)
        for key, text in meanings(cls).items() if part else ():
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
