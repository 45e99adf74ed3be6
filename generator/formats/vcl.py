"""Varnish's language."""

from __future__ import annotations

import re

from generator.formats import Format, Unwritable
from generator.formats.text import tokens

# VCL: long and short strings, three kinds of comments, marks, and all else. vcl(7).
_TOKEN = re.compile(
    r"\{\".*?\"\}|\"[^\"\n]*\"|/\*.*?\*/|//[^\n]*|#[^\n]*|[{}();]|[^\s{}();\"]+", re.DOTALL
)


def quote(value: str) -> str:
    """A string of VCL; the short form knows no escapes. Source: vcl(7)."""
    if '"' in value or any(ord(character) < 32 for character in value):
        raise Unwritable(f"{value!r} cannot stand in VCL")
    return f'"{value}"'


def read(content: bytes) -> None:
    """VCL has its version first, and its braces and parentheses in pairs. Raises ValueError."""
    words = tokens(_TOKEN, content)
    if words[:3] != ["vcl", "4.1", ";"]:
        raise ValueError("VCL without its version")
    open_marks = []
    for token in words:
        if token in "({":
            open_marks.append(token)
        elif token in ")}" and (not open_marks or open_marks.pop() + token not in ("()", "{}")):
            raise ValueError(f"a {token} too much")
    if open_marks:
        raise ValueError(f"a {open_marks[-1]} that is not closed")


FORMAT = Format(read, quote=quote)
