"""The keys that may stand at a place of a spec, as the models say, and what their values hold."""

from __future__ import annotations

from typing import Annotated, get_args, get_origin

from pydantic import BaseModel

from generator.language.findings import Path


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
