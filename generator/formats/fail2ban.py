"""fail2ban's files, and regular expressions in them."""

from __future__ import annotations

import re
import shlex

from generator.formats import Format, Unwritable
from generator.formats.text import decoded

_REGEX = re.compile(r"([\\.^$*+?{}\[\]|()])")
_COMMENT = re.compile(r"(^|\s)[;#]")


def regex(text: str) -> str:
    """Literal text in a regular expression that fail2ban reads.

    `<` begins a tag there, `;` and `#` after a blank a comment, and what is not printable is not
    seen; so all of them are written as numbers.
    """
    return "".join(map(_character, _REGEX.sub(r"\\\1", text)))


def ended(text: str) -> str:
    """A regular expression whose last blank is written so that no reader strips it."""
    return f"{text[:-1]}\\x20" if text.endswith(" ") else text


def _character(one: str) -> str:
    if one not in "<;#" and one.isprintable():
        return one
    return f"\\x{ord(one):02x}" if ord(one) < 256 else f"\\U{ord(one):08x}"


def quote(value: str) -> str:
    """A value of one or more lines in fail2ban's files: `%` doubled, further lines indented.

    Source: fail2ban 1.0.2, client/configparserinc.py (basic interpolation, `;` begins a comment).
    """
    lines = value.split("\n")
    for line in lines:
        if line != line.strip() or not line.isprintable() or not line or _COMMENT.search(line):
            raise Unwritable(f"{line!r} cannot stand in a value of fail2ban's files")
    return "\n    ".join(line.replace("%", "%%") for line in lines)


def journalmatch(field: str, value: str) -> str:
    """A match of journalctl(1) as fail2ban takes it apart.

    Source: fail2ban 1.0.2, client/filterreader.py (shlex.split, so a backslash needs quotes).
    """
    return shlex.quote(f"{field}={value}")


def read(content: bytes) -> None:
    """Each option once in its section, without interpolation. Raises ValueError."""
    import configparser

    parser = configparser.RawConfigParser(strict=True)
    try:
        parser.read_string(decoded(content))
    except configparser.Error as error:
        raise ValueError(str(error)) from None


FORMAT = Format(read, quote=quote)
