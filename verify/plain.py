"""Plain data, as JSON has it, to a dataclass: checked by the annotations of its own fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints


class ContractError(Exception):
    """A bundle that this version cannot read; the message says what to do about it."""


T = TypeVar("T")
Reader = Callable[[Any, str], Any]


def read(form: type[T], data: object, where: str) -> T:
    """A value of a dataclass. Raises `ContractError` that names the field which is not as it says.

    A list becomes a tuple; where a field is of any object, its value is taken as it is.
    """
    if not isinstance(data, Mapping):
        raise _wrong(where, "an object", data)
    whole: Any = form
    readers, needed = _readers(whole)
    unknown = sorted(set(data) - set(readers))
    if unknown:
        raise ContractError(f"{where} has unknown fields ({', '.join(unknown)})")
    absent = sorted(needed - set(data))
    if absent:
        raise ContractError(f"{where} lacks {', '.join(absent)}")
    return form(**{name: readers[name](value, f"{where}.{name}") for name, value in data.items()})


def typed(form: Any, value: object, where: str) -> Any:
    """A value of any annotation that a field may have. Raises `ContractError` likewise."""
    return _reader(form)(value, where)


@cache
def _readers(form: type[Any]) -> tuple[Mapping[str, Reader], frozenset[str]]:
    """How each field is read, and those that have no default."""
    hints = get_type_hints(form, include_extras=True)
    needed = (f.name for f in fields(form) if f.default is f.default_factory is MISSING)
    return {f.name: _reader(hints[f.name]) for f in fields(form)}, frozenset(needed)


@cache
def _reader(form: Any) -> Reader:
    origin, inner = get_origin(form), get_args(form)
    if origin is Annotated:
        return _formed(_reader(inner[0]), inner[1:])
    if form in (object, Any):
        return lambda value, where: value
    if origin is tuple:
        return _tuple(inner)
    if origin in (dict, Mapping):
        return _mapping(_reader(inner[1]))
    if origin in (Union, UnionType):
        # the last one says what is wrong, and that is never that there is something
        return _either(tuple(map(_reader, sorted(inner, key=lambda one: one is not NoneType))))
    if origin is Literal:
        return _one_of(inner)
    if isinstance(form, type) and issubclass(form, StrEnum):
        return _one_of_enum(form)
    if isinstance(form, type) and hasattr(form, "__dataclass_fields__"):
        return lambda value, where: read(form, value, where)
    return _scalar(form)


def _formed(plain: Reader, forms: tuple[Callable[[Any], None], ...]) -> Reader:
    """A value that has to be of some form, too; the form says what it should be."""

    def formed(value: Any, where: str) -> Any:
        read_value = plain(value, where)
        for form in forms:
            try:
                form(read_value)
            except ValueError as wanted:
                raise _wrong(where, str(wanted), value) from None
        return read_value

    return formed


def _scalar(form: type[Any]) -> Reader:
    allowed = (int, float) if form is float else form

    def scalar(value: Any, where: str) -> Any:
        # True is an integer for Python, and for nobody else
        if not isinstance(value, allowed) or (isinstance(value, bool) and form is not bool):
            raise _wrong(where, form.__name__, value)
        return value

    return scalar


def _tuple(inner: tuple[Any, ...]) -> Reader:
    any_length = inner[-1] is Ellipsis
    readers = tuple(_reader(one) for one in inner if one is not Ellipsis)

    def read_tuple(value: Any, where: str) -> Any:
        if not isinstance(value, list | tuple):
            raise _wrong(where, "a list", value)
        if not any_length and len(value) != len(readers):
            raise _wrong(where, f"a list of {len(readers)}", value)
        each = readers * len(value) if any_length else readers
        return tuple(
            r(v, f"{where}[{i}]") for i, (r, v) in enumerate(zip(each, value, strict=True))
        )

    return read_tuple


def _mapping(values: Reader) -> Reader:
    def mapping(value: Any, where: str) -> Any:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise _wrong(where, "an object", value)
        return {key: values(item, f"{where}.{key}") for key, item in value.items()}

    return mapping


def _either(readers: tuple[Reader, ...]) -> Reader:
    def either(value: Any, where: str) -> Any:
        for one in readers[:-1]:
            try:
                return one(value, where)
            except ContractError:
                continue
        return readers[-1](value, where)

    return either


def _one_of(words: tuple[Any, ...]) -> Reader:
    def one_of(value: Any, where: str) -> Any:
        if value not in words:
            raise _wrong(where, f"one of {', '.join(map(str, words))}", value)
        return value

    return one_of


def _one_of_enum(form: type[StrEnum]) -> Reader:
    words = _one_of(tuple(map(str, form)))
    return lambda value, where: form(words(value, where))


def _wrong(where: str, wanted: str, value: object) -> ContractError:
    return ContractError(f"{where} is not {wanted}: {str(value)[:60]!r}")
