"""File formats, one module each: how a value is written, how a file is read back, who judges it.

A module has `FORMAT`. A file names the format by the module's name, or a module elsewhere by all of
its name, and a template's filter of that name writes a value. A new format edits no other file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module


class Unwritable(ValueError):  # noqa: N818 - says what the value is
    """A value that the format has no way to write."""


@dataclass(frozen=True, slots=True)
class Format:
    """`read` raises ValueError where a file breaks the format's rules.

    `judge` is the validator that `apply` asks on the node. `quote` writes a value as the format
    takes it, and raises Unwritable where there is no way.
    """

    read: Callable[[bytes], object]
    judge: str = ""
    quote: Callable[..., str] | None = None


@cache
def load(name: str) -> Format:
    """The format of that name."""
    found: Format = import_module(name if "." in name else f"{__name__}.{name}").FORMAT
    return found
