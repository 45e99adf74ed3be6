"""The places of a spec, and what may be drawn for each from its field's own grammar.

A place is a path to a value, or to a key of a mapping that people name. What is drawn is within the
field's bounds or just outside; text is also what stands there with something hostile in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

Step = str | int
HOSTILE = list(
    "'\"\\$`#%{}[]<>&;|*?!~@:=,-/. \t\n\r\0\x1b\x7f\x85\xa0\xad\u200b\u202e\u2028\ufeffé漢😀"
)
WORDS = [
    "",
    " ",
    "-",
    "--",
    "..",
    "/",
    "# x",
    "; x",
    "%(x)s",
    "${x}",
    "$(x)",
    "{{ x }}",
    "\\",
    "''",
]
WORDS += ["null", "~", "true", "no", "0x10", "1e3", "010", "[1:3]", "x[1:2]", "[1:100]", "::1"]
WORDS += [
    "x" * 300,
    "x" * 5000,
    "é" * 255,
    "a\nb",
    "0.0.0.0/0",
    "::/0",
    "../..",
    "%d",
    "a, b",
    "\ud7ff",
]
TEXT = st.one_of(
    st.sampled_from(WORDS),
    st.text(st.sampled_from(HOSTILE), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
NUMBERS = st.sampled_from([-(2**63), -1, 0, 1, 2, 22, 65535, 65536, 2**31, 2**63, 10**30])
OTHERS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, "", 0, -1, [], {}, [""], {"x": "y"}, 1.5, [[]]]
)


@dataclass(frozen=True)
class Place:
    """Where something stands, and the field that says what may; `key` means the key itself."""

    path: tuple[Step, ...]
    patterns: tuple[str, ...]
    bounds: tuple[int, ...]
    key: bool = False


def fields(form: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """Each field of a model and of all models in it."""
    for model in _models(form, set()):
        for name in model.model_fields:
            yield model, name


def _models(form: Any, seen: set[Any]) -> Iterator[type[BaseModel]]:
    if isinstance(form, type) and issubclass(form, BaseModel):
        if form not in seen:
            seen.add(form)
            yield form
            for field in form.model_fields.values():
                yield from _models(field.annotation, seen)
        return
    for part in get_args(form):
        yield from _models(part, seen)


def places(
    form: Any, data: Any, path: tuple[Step, ...] = (), meta: tuple[Any, ...] = ()
) -> Iterator[tuple[Place, tuple[type[BaseModel], str] | None]]:
    """Every place of data below a type, each with the field of a model that it is, if it is one."""
    if get_origin(form) is Annotated:
        inner, *more = get_args(form)
        yield from places(inner, data, path, (*meta, *more))
    elif isinstance(data, dict) and (model := _model(form, data)):
        for name, field in model.model_fields.items():
            key = field.alias or name
            if key in data:
                yield _place((*path, key), field.annotation, field.metadata), (model, name)
                inside = places(field.annotation, data[key], (*path, key), tuple(field.metadata))
                yield from ((place, of) for place, of in inside if place.path != (*path, key))
    elif path:
        yield _place(path, form, meta), None
        yield from _inside(form, data, path)


def _inside(
    form: Any, data: Any, path: tuple[Step, ...]
) -> Iterator[tuple[Place, tuple[type[BaseModel], str] | None]]:
    """The items of a list, and the keys and values of a mapping that people name."""
    of = _container(form, list if isinstance(data, list) else dict)
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from places(of[0] if of else str, item, (*path, index))
    elif isinstance(data, dict):
        for key, value in data.items():
            yield _place((*path, key), of[0] if of else str, (), key=True), None
            yield from places(of[1] if of else str, value, (*path, key))


def _place(path: tuple[Step, ...], form: Any, meta: Any, *, key: bool = False) -> Place:
    every = tuple(_metadata(form, tuple(meta)))
    patterns = tuple(one.pattern for one in every if getattr(one, "pattern", None))
    bounds = [getattr(one, side, None) for one in every for side in ("ge", "le")]
    return Place(path, patterns, tuple(one for one in bounds if one is not None), key)


def _metadata(form: Any, meta: tuple[Any, ...]) -> Iterator[Any]:
    """What constrains a type, its alternatives and, of a field, what it was declared with."""
    for one in meta:
        yield from one.metadata if isinstance(one, FieldInfo) else (one,)
    for part in get_args(form) if get_origin(form) not in (list, dict) else ():
        if get_origin(part) is Annotated or get_args(part):
            yield from _metadata(part, ())
        elif isinstance(part, FieldInfo | StringConstraints):
            yield from _metadata(None, (part,))
        elif hasattr(part, "pattern") or hasattr(part, "ge") or hasattr(part, "le"):
            yield part


def _container(form: Any, kind: type) -> tuple[Any, ...]:
    """The arguments of the list or mapping that a type may be."""
    if get_origin(form) is kind:
        return get_args(form)
    return next((found for part in get_args(form) if (found := _container(part, kind))), ())


def _model(form: Any, data: Mapping[str, Any]) -> type[BaseModel] | None:
    """The model that a mapping is one of."""
    if get_origin(form) in (list, dict):
        return None
    options = [form, *_every(form)]
    models = [one for one in options if isinstance(one, type) and issubclass(one, BaseModel)]
    return next((one for one in models if _keys(one) >= data.keys()), None)


def _every(form: Any) -> Iterator[Any]:
    for part in get_args(form) if get_origin(form) not in (list, dict) else ():
        yield part
        yield from _every(part)


def _keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def values(place: Place, now: Any) -> st.SearchStrategy[Any]:
    """What may be drawn for a place where something stands now."""
    ways: list[st.SearchStrategy[Any]] = [st.from_regex(one) for one in place.patterns]
    if isinstance(now, str) or place.key:
        ways += [TEXT, _changed(str(now)), _changed(str(now))]
    if place.key:
        return st.one_of(ways)
    ways.append(OTHERS)
    if isinstance(now, int):
        near = [bound + step for bound in (*place.bounds, int(now)) for step in (-1, 0, 1)]
        ways += [NUMBERS, st.sampled_from(near)]
    if isinstance(now, list):
        ways += [st.just([]), st.just([*now, *now]), TEXT.map(lambda text: [*now, text])]
    return st.one_of(ways)


def _changed(now: str) -> st.SearchStrategy[str]:
    """A text with something put into it, at its ends or anywhere."""
    put = st.one_of(st.sampled_from(HOSTILE), st.sampled_from(WORDS[:15]))
    at = st.one_of(st.sampled_from([0, len(now)]), st.integers(0, len(now)))
    return st.builds(lambda at, put: now[:at] + put + now[at:], at, put)


def changed(data: Any, place: Place, value: Any) -> Any:
    """The data with one place of it changed; an order of keys is kept."""
    copy = deepcopy(data)
    *way, last = place.path
    inner = copy
    for step in way:
        inner = inner[step]
    if place.key:
        renamed = {value if key == last else key: item for key, item in inner.items()}
        inner.clear()
        inner.update(renamed)
    else:
        inner[last] = value
    return copy
