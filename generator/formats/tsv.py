"""Lines of fields between tabs: what our own scripts read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.formats import Format, Unwritable
from generator.formats.text import decoded

_NO_LINE = re.compile("[\n\r\0]")
_ONE_FIELD = re.compile(r"^[^\t\n]*\n", re.MULTILINE)


def line(*fields: str) -> str:
    """Fields between tabs, `-` for an empty one."""
    text = "\t".join(value or "-" for value in fields)
    if text.count("\t") >= len(fields) > 0 or _NO_LINE.search(text):
        value = next(one for one in fields if "\t" in one or _NO_LINE.search(one))
        raise Unwritable(f"{value!r} cannot stand in a tab-separated line")
    return text


def quote(*fields: object) -> str:
    """A line of any values."""
    return line(*map(str, fields))


def rows(text: str) -> Iterator[list[str]]:
    """The fields of each line of a table that is no comment; an empty one stays empty."""
    return (one.split("\t") for one in text.splitlines() if not one.startswith("#"))


def read(content: bytes) -> None:
    """No field is empty, no line has one field only. Raises ValueError."""
    text = decoded(content)
    if any(pair in text for pair in ("\t\t", "\n\t", "\t\n")) or text.startswith("\t"):
        raise ValueError("an empty field")
    if bad := _ONE_FIELD.search(text):
        raise ValueError(f"a line of one field: {bad.group()!r}")


FORMAT = Format(read, quote=quote)
