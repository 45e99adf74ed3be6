"""The bytes of a file: given, or made of a template and its ready values.

What does not differ between nodes is rendered and hashed once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from generator import formats

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Template:
    """A jinja2 template in `templates/` of a package, and its ready values."""

    package: str
    file: str
    values: tuple[tuple[str, object], ...] = ()


def values(given: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    """A template's values in the form that can be compared and cached."""
    return tuple(sorted(given.items()))


@cache
def body(source: Template | bytes) -> bytes:
    """The bytes of a file: given, or rendered from a template and its values."""
    if isinstance(source, bytes):
        return source
    return filled(source.package, source.file, source.values).encode()


def filled(
    package: str, file: str, given: Mapping[str, object] | Sequence[tuple[str, object]]
) -> str:
    """A template with its values in it, strictly: a name without a value is an error."""
    text: str = _environment().get_template(f"{package}/{file}").render(dict(given))
    return text


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_template),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters = _Filters(environment.filters)
    return environment


class _Filters(dict[str, Callable[..., object]]):
    """jinja2's own filters, and each format's quoting under the format's name."""

    def __missing__(self, name: str) -> Callable[..., str]:
        try:
            quote = formats.load(name).quote
        except ImportError:
            quote = None
        if quote is None:
            raise KeyError(name)
        return quote

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        """As a lookup, because jinja2 asks for it so while it compiles a template."""
        try:
            return self[name]
        except KeyError:
            return default


def _template(name: str) -> str:
    package, _, file = name.partition("/")
    return resources.files(package).joinpath("templates", file).read_text("utf-8")


@lru_cache(maxsize=1024)
def sha256(*parts: bytes) -> str:
    """SHA-256 in hex, worked out once for what many nodes share."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
