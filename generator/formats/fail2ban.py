"""fail2ban's files, and regular expressions in them."""

from __future__ import annotations

import re

from generator.formats import Format, Unwritable
from generator.formats.text import decoded

_REGEX = re.compile(r"([\\.^$*+?{}\[\]|()])")
_COMMENT = re.compile(r"(^|\s)[;#]")


def regex(text: str) -> str:
    """Literal text in a regular expression that fail2ban reads.

    `<` begins a tag there, and `;` after a blank a comment, so both are written as numbers.
    """
    return _REGEX.sub(r"\\\1", text).replace("<", r"\x3c").replace(";", r"\x3b")


def quote(value: str) -> str:
    """A value of one or more lines in fail2ban's files: `%` doubled, further lines indented.

    Source: fail2ban 1.0.2, client/configparserinc.py (basic interpolation, `;` begins a comment).
    """
    lines = value.split("\n")
    for line in lines:
        if line != line.strip() or not line.isprintable() or not line or _COMMENT.search(line):
            raise Unwritable(f"{line!r} cannot stand in a value of fail2ban's files")
    return "\n    ".join(line.replace("%", "%%") for line in lines)


def read(content: bytes) -> None:
    """Each option once in its section, without interpolation. Raises ValueError."""
    import configparser

    parser = configparser.RawConfigParser(strict=True)
    try:
        parser.read_string(decoded(content))
    except configparser.Error as error:
        raise ValueError(str(error)) from None


FORMAT = Format(read, quote=quote)
