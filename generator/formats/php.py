"""Programs of PHP."""

from __future__ import annotations

from generator.formats import Format
from generator.formats.text import decoded


def quote(value: str) -> str:
    """A string of PHP in single quotes, in which nothing but those and backslashes is special."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


FORMAT = Format(decoded, quote=quote)
