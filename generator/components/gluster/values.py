"""What GlusterFS takes for a value of an option, by the kind of value.

As `xlator_option_validate` judges it (libglusterfs/src/options.c, v10.3 and v11.1); what glusterd
of either release said to some 2,800 pairs of option and value is recorded in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

# gf_string2boolean
TRUE = ("1", "on", "yes", "true", "enable")
FALSE = ("0", "off", "no", "false", "disable")
SIZES = {"": 1, "b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "pb": 2**50}
TIMES = {
    **dict.fromkeys(("", "s", "sec"), 1),
    **dict.fromkeys(("m", "min"), 60),
    **dict.fromkeys(("h", "hr"), 3600),
    **dict.fromkeys(("d", "days"), 86400),
    **dict.fromkeys(("w", "wk"), 604800),
}
# A number as strtoll(3) reads it in any base, and one with a unit.
_WHOLE = re.compile(r"-?(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)")
_UNIT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%?")
# Any name or address, with a length or without, or four parts of which some are a star alone.
_ONE = r"(\*|(?:[0-9]{1,3}|\*)(?:\.(?:[0-9]{1,3}|\*)){3}|[A-Za-z0-9:][A-Za-z0-9.:/-]*)"
_ADDRESS = re.compile(rf"{_ONE}|/[^,()]+\({_ONE}(\|{_ONE})*\)")
_SUBVOLUME = re.compile(r"[A-Za-z0-9_-]+-(client|replicate|disperse)-[0-9]+")


def is_on(value: str) -> bool:
    """Whether GlusterFS takes a value for true."""
    return value.lower() in TRUE


def whole(value: str, otherwise: int = 0) -> int:
    """A whole number as GlusterFS reads it: 0x10 is 16, and 010 is 8."""
    number = _whole(value)
    return otherwise if number is None else int(number)


def seconds(value: str, otherwise: int = 0) -> int:
    """A time as GlusterFS reads it: 1min is 60."""
    number = FORMS["time"][0](value)
    return otherwise if number is None else int(number)


def refusal(form: str, limits: str, value: str, places: Mapping[str, int]) -> str:
    """Why GlusterFS would refuse a value; "" if it would not.

    `limits` are `LOW..HIGH`, either of which may be missing or the name of one of `places`, and
    for a choice its words.
    """
    if form == "choice":
        words = limits.split()
        return "" if value in words else f"`{value}` is none of {', '.join(words)}"
    read, what = FORMS[form]
    number = read(value)
    if number is None:
        return f"`{value}` is not {what}"
    low, _, high = limits.partition("..")
    bounds = [float(places.get(end, end)) if end else None for end in (low, high)]
    if bounds[0] is not None and number < bounds[0]:
        return f"`{value}` is out of range: {_range(low, high, places)}"
    if bounds[1] is not None and number > bounds[1]:
        return f"`{value}` is out of range: {_range(low, high, places)}"
    return ""


def takes(form: str, limits: str, places: Mapping[str, int]) -> str:
    """What an option takes, in words."""
    if form == "choice":
        return f"one of {', '.join(limits.split())}"
    low, _, high = limits.partition("..")
    return FORMS[form][1] + (f", {_range(low, high, places)}" if limits else "")


def _range(low: str, high: str, places: Mapping[str, int]) -> str:
    first, last = (str(places.get(end, end)) for end in (low, high))
    return f"{first} to {last}" if last else f"{first} at least"


def _bool(value: str) -> float | None:
    return 0 if value.lower() in (*TRUE, *FALSE) else None


def _whole(value: str) -> float | None:
    """C's own notation: 0x10 is 16, and 010 is 8."""
    if not _WHOLE.fullmatch(value):
        return None
    digits = value.removeprefix("-")
    octal = len(digits) > 1 and digits[0] == "0" and digits[1] not in "xX"
    return int(value, 8) if octal else int(value, 0)


def _with(units: Mapping[str, int], *, fractions: bool) -> Callable[[str], float | None]:
    def read(value: str) -> float | None:
        match = _UNIT.fullmatch(value)
        if not match or (not fractions and "." in match[1]):
            return None
        unit = units.get(match[2].lower() if fractions else match[2])
        return None if unit is None else float(match[1]) * unit

    return read


def _percent(value: str) -> float | None:
    match = _PERCENT.fullmatch(value)
    return float(match[1]) if match and float(match[1]) <= 100 else None


def _percent_or_size(value: str) -> float | None:
    if value.endswith("%") or value.isdecimal():
        return _percent(value)
    return None if value[-1:].isdecimal() else _size(value)


def _path(value: str) -> float | None:
    return 0 if value.startswith("/") else None


def _addresses(value: str) -> float | None:
    return 0 if all(map(_ADDRESS.fullmatch, value.split(","))) else None


def _subvolume(value: str) -> float | None:
    return 0 if _SUBVOLUME.fullmatch(value) else None


def _hidden(value: str) -> float | None:
    return 0 if len(value) > 1 and value.startswith(".") and "/" not in value else None


def _anything(value: str) -> float | None:
    return 0


_size = _with(SIZES, fractions=True)
FORMS: Mapping[str, tuple[Callable[[str], float | None], str]] = {
    "any": (_anything, "text"),
    "bool": (_bool, "`on` or `off`"),
    "int": (_whole, "a whole number"),
    "size": (_size, "a size, such as 64MB"),
    "time": (_with(TIMES, fractions=False), "a time, such as 42 or 10min"),
    "percent": (_percent, "a percentage from 0 to 100"),
    "percent-or-size": (_percent_or_size, "a percentage from 0 to 100 or a size such as 1GB"),
    "path": (_path, "a path from the root"),
    "addresses": (_addresses, "addresses, `*` or networks, with commas and no blanks between them"),
    "subvolume": (_subvolume, "a part of the volume, such as VOLUME-client-0"),
    "hidden-name": (_hidden, "a name that begins with a dot"),
}
