"""nginx's configuration."""

from __future__ import annotations

import re

from generator.formats import Format, Unwritable
from generator.formats.text import tokens

# nginx: a string, a comment, a mark, or a word. ngx_conf_read_token.
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|#[^\n]*|[{};]|(?:[^\s{};\"'#]|\$\{)+")


def quote(value: str) -> str:
    """A string of nginx's configuration; it has no way to write a `$` that is no variable."""
    if "$" in value or any(ord(character) < 32 for character in value):
        raise Unwritable(f"{value!r} cannot stand in nginx's configuration")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read(content: bytes) -> None:
    """Every statement of nginx's configuration ends, and every block. Raises ValueError."""
    depth, open_statement = 0, False
    for token in tokens(_TOKEN, content):
        if token == ";" and not open_statement:
            raise ValueError("a statement without words")
        if token == "}":
            if open_statement:
                raise ValueError("a statement that does not end")
            depth -= 1
        elif token == "{":
            depth += 1
        open_statement = token not in ("{", "}", ";")
        if depth < 0:
            raise ValueError("a brace too much")
    if depth or open_statement:
        raise ValueError("a block or a statement that does not end")


FORMAT = Format(read, quote=quote)
