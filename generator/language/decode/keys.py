"""The keys that may stand at a place of a spec, as the models say, and what their values hold."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache
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


@cache
def homes(form: type[BaseModel]) -> Mapping[str, tuple[Path, ...]]:
    """Where each key of a grammar may stand; `NAME` is what people name themselves."""
    places: dict[str, tuple[Path, ...]] = {}
    todo: list[tuple[object, Path]] = [(form, ())]
    while todo:
        one, path = todo.pop()
        one = _chosen(one)
        if isinstance(one, type) and issubclass(one, BaseModel):
            for name, field in one.model_fields.items():
                key = field.alias or name
                places[key] = (*places.get(key, ()), path)
                todo.append((field.annotation, (*path, key)))
        elif get_origin(one) is list:
            todo.append((get_args(one)[-1], path))
        elif get_origin(one) is dict:
            todo.append((get_args(one)[-1], (*path, "NAME")))
    return places


def home(form: type[BaseModel], path: Path) -> Path | None:
    """The mapping that the key of a path belongs to, where it is one of those around it."""
    places = homes(form).get(str(path[-1]), ())
    inner = [place for place in places if place and path and place[0] == path[0]]
    return min(inner, key=len, default=None)


def meaning(form: object, path: Path) -> str:
    """What the key that a path ends in, or lies in, is for; empty where it is a name of people's.

    Shape: one sentence without its full stop.
    """
    key = max((index for index, part in enumerate(path) if isinstance(part, str)), default=-1)
    owner = inside(form, path[:key]) if key >= 0 else None
    if not (isinstance(owner, type) and issubclass(owner, BaseModel)):
        return ""
    for cls in owner.__mro__:
        for name, text in meanings(cls).items() if issubclass(cls, BaseModel) else ():
            # pydantic's own attributes have docstrings, too, and are no fields
            field = owner.model_fields.get(name)
            if field and (field.alias or name) == path[key]:
                return " ".join(text.split()).removesuffix(".")
    return ""


@cache
def meanings(cls: type[BaseModel]) -> Mapping[str, str]:
    """The docstrings of a model's attributes, which are read from its source."""
    try:
        (tree,) = ast.parse(inspect.getsource(cls)).body
    except (OSError, TypeError):
        return {}  # put together here, from others
    assert isinstance(tree, ast.ClassDef)
    pairs = zip(tree.body, tree.body[1:], strict=False)
    return {
        field.target.id: inspect.cleandoc(str(text.value.value))
        for field, text in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }
