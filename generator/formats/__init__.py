"""File formats, one module each: how a value is written, a file read back, and who validates it.

A module has `FORMAT`. A file names the format by the module's name, or a module elsewhere by all of
its name, and a template's filter of that name writes a value. A new format edits no other file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Literal


class Unwritable(ValueError):  # noqa: N818 - says what the value is
    """A value that the format has no way to write."""


@dataclass(frozen=True, slots=True)
class Validator:
    """The command that judges a file on its node, with `{}` for the file, and what a refusal says.

    `early` is about the file in the bundle, before any is put; `late` about the one in its place,
    before its daemon is told; `warn` is like that, and a refusal stops nothing. A command that
    names no file judges all of a daemon's, and is asked once.
    """

    name: str
    command: str
    refusal: str
    when: Literal["early", "late", "warn"] = "late"


@dataclass(frozen=True, slots=True)
class Format:
    """`read` raises ValueError where a file breaks the format's rules.

    `validator` is what `apply` asks on the node. `quote` writes a value as the format takes it, and
    raises Unwritable where there is no way. `included_by` is the daemon's own file, which has to
    begin by taking in the one of this format.
    """

    read: Callable[[bytes], object]
    validator: Validator | None = None
    quote: Callable[..., str] | None = None
    included_by: str = ""


@cache
def load(name: str) -> Format:
    """The format of that name."""
    form: Format = import_module(name if "." in name else f"{__name__}.{name}").FORMAT
    return form
