"""What libyaml refuses, in words, at the place that has to be mended.

A parser notices late: what it names is often a line further down than what is wrong.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

QUOTE = "put the text in quotes"
_TEXTS = "quote text that holds `: `, ` #`, `[` or `{`"
_ONE_A_LINE = f"write each key in a line of its own, or put all of them in `{{ }}`; {_TEXTS}"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, the line and the column of it from zero, and the way out."""

    message: str
    line: int
    column: int
    help: str = ""


_NO_KEY = "could not find expected ':'"
_KEY = "mapping values are not allowed in this context"
# libyaml's words: ours, the way out, and whether the place is where the thing began.
_WORDS: dict[str, tuple[str, str, bool]] = {
    "found unexpected end of stream": (
        "the quote that opens here is never closed",
        "close it; inside of quotes, write `''` for a single one and `\\\"` for a double one",
        True,
    ),
    _NO_KEY: (
        "this is neither a key with a value nor a part of the line above: `: ` is missing",
        "write `key: value`, with a blank after the colon; indent text that goes on",
        True,
    ),
    "found unexpected ':'": (
        "a blank is missing after this `:`",
        f"write `key: value`; {_TEXTS}",
        False,
    ),
    _KEY: (
        "a `: ` stands where no key can be",
        f"{_TEXTS}; give the keys of one mapping the same indentation",
        False,
    ),
    "block sequence entries are not allowed in this context": (
        "an item of a list cannot stand here",
        "begin the list in a line of its own, below its key",
        False,
    ),
    "did not find expected '-' indicator": (
        "this line does not begin with `- `, as the others of its list do",
        "a list's items begin with `- ` and a mapping's with `key: `; one thing has one of both",
        False,
    ),
    "did not find expected alphabetic or numeric character": (
        "a text cannot begin with `*` or `&`",
        QUOTE,
        True,
    ),
    "found unknown escape character": (
        "in double quotes, a `\\` begins an escape, and there is none like this",
        "use single quotes, or write `\\\\`",
        False,
    ),
    "did not find expected node content": ("a value is missing before this", _TEXTS, False),
}


def is_flow(error: yaml.MarkedYAMLError) -> bool:
    """Whether it may be about what stands in brackets; a key out of place is not."""
    return error.problem != _KEY


def problem(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Problem:
    """An error of the parser, as people can mend it."""
    mark, began = error.problem_mark, error.context_mark
    what = str(error.problem or error.context or "this is not YAML")
    line, column = (mark.line, mark.column) if mark else (0, 0)
    text = lines[line] if line < len(lines) else ""
    if what == _KEY and (above := _going_on(lines, line, column)):
        return _spaced(above, lines)
    if what == _KEY and (comma := _separator(text, column)) >= 0:
        return Problem("a `,` separates keys only inside of `{ }`", line, comma, _ONE_A_LINE)
    if what in _WORDS:
        message, way, first = _WORDS[what]
        if first and began:
            line, column = began.line, began.column
        return _spaced(Problem(message, line, column, way), lines)
    if what.startswith("did not find expected ',' or") and began:
        return _unclosed(what[-2], line, column, began)
    if what == "did not find expected key":
        return _misplaced(text, line, column)
    if what == "found character that cannot start any token" and column < len(text):
        return Problem(f"a text cannot begin with `{text[column]}`", line, column, QUOTE)
    return Problem(what, line, column)


def _separator(text: str, column: int) -> int:
    """Where `KEY: VALUE, KEY: …` has the comma before the key at fault; -1 where it has none."""
    before = re.fullmatch(r"[^,]*: .*(,) *[\w-]+", text[:column])
    return before.start(1) if before else -1


def _going_on(lines: Sequence[str], line: int, column: int) -> Problem | None:
    """A line above that lacks its `: ` is text that goes on, up to the next key's."""
    above = lines[line - 1] if 0 < line <= len(lines) else ""
    first = re.fullmatch(r"\s*[^\s:]+", lines[line][:column]) if line < len(lines) else None
    if not first or not above.strip() or ": " in above or above.rstrip().endswith(":"):
        return None
    message, way, _ = _WORDS[_NO_KEY]
    return Problem(message, line - 1, len(above) - len(above.lstrip()), way)


def _unclosed(closer: str, line: int, column: int, began: yaml.Mark) -> Problem:
    opener = {"}": "{", "]": "["}[closer]
    way = f"separate entries by `,` and end them with `{closer}`; {_TEXTS}"
    if began.line == line:
        return Problem(f"a `,` or the closing `{closer}` is missing before this", line, column, way)
    message = f"the `{opener}` that opens here is not closed before line {line + 1}"
    return Problem(message, began.line, began.column, way)


def _misplaced(text: str, line: int, column: int) -> Problem:
    if text[:column].strip():
        message = "something follows where a value has ended"
        return Problem(message, line, column, f"put the whole value in quotes; {_TEXTS}")
    message = "this line is indented unlike the others of its mapping"
    return Problem(message, line, column, "give the keys of one mapping the same indentation")


def _spaced(given: Problem, lines: Sequence[str]) -> Problem:
    """A blank that is none is what nobody sees."""
    text = lines[given.line] if given.line < len(lines) else ""
    if "\u00a0" not in text:
        return given
    message = "a no-break space (U+00A0) stands here, which YAML takes for a letter"
    return Problem(message, given.line, text.index("\u00a0"), "write a plain space")


def encoding(raw: bytes, error: UnicodeDecodeError) -> str:
    """What a file is that is not UTF-8."""
    if raw.startswith(_UTF16):
        return "the file is UTF-16"
    if b"\0" in raw:
        return "the file is no text: it holds zero bytes"
    return f"byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8"


def character(one: str) -> str:
    """A character that nobody sees, or that turns what people see around."""
    name = unicodedata.name(one, "")
    code = f"U+{ord(one):04X}"
    return "a byte order mark" if one == "\ufeff" else f"{code} ({name.lower()})" if name else code


def tag(name: str) -> str:
    """A tag as it is written."""
    return name.replace("tag:yaml.org,2002:", "!!", 1)
