"""Lines of tmpfiles.d(5)."""

from __future__ import annotations

from generator.formats import Format
from generator.formats.text import decoded


def quote(value: str) -> str:
    """A field of tmpfiles.d(5): in quotes, with its specifiers and escapes doubled."""
    doubled = value.replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
    return f'"{doubled}"'


FORMAT = Format(decoded, quote=quote)
