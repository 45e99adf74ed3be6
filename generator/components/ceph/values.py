"""What Ceph takes for a value of an option, by the option's type.

As `Option::parse_value` judges it (src/common/options.cc, strtol.cc and ceph_time.cc, v16.2 and
v18.2); what either release said to some pairs of option and value is recorded in the tests.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable
from ipaddress import ip_address

Number = int | float
_LETTERS = "KMGTPE"
_THOUSANDS = {"": 1, **{letter: 1000 ** (n + 1) for n, letter in enumerate(_LETTERS)}}
_SIZES = {"": 1, "B": 1}
_SIZES |= {
    f"{letter}{rest}": 1024 ** (n + 1)
    for n, letter in enumerate(_LETTERS)
    for rest in ("", "B", "i")
}
_TIMES = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7 * 86400),
    **dict.fromkeys(("mo", "month", "months"), 30 * 86400),
    **dict.fromkeys(("y", "yr", "year", "years"), 365 * 86400),
}
# As many digits as any number has that is in bounds, and some more.
_WHOLE = re.compile(r"[+-]?[0-9]{1,99}")
_UNIT = re.compile(r"([+-]?[0-9]{1,99})([A-Za-z]*)")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_HEX = re.compile(r"[+-]?0[xX]([0-9A-Fa-f]+\.?[0-9A-Fa-f]*|\.[0-9A-Fa-f]+)([pP][+-]?[0-9]+)?")
_TIME = re.compile(r"(?:[0-9]{1,99} *[A-Za-z]+ *)*(?:[0-9]{1,99} *[A-Za-z]*)?")
_PART = re.compile(r"([0-9]+) *([A-Za-z]*)")
# What goes to the log, and what is kept in memory.
_LEVELS = re.compile(r"[0-9]{1,2}(/[0-9]{1,2})?")
_VERSION, _PORT = re.compile(r"(?:v1|v2|any):"), re.compile(r":[0-9]+(/[0-9]+)?")
# In the order of their bits. What comes after them, librbd sets by itself.
FEATURES = (
    *("layering", "striping", "exclusive-lock", "object-map", "fast-diff", "deep-flatten"),
    *("journaling", "data-pool"),
)
# What a feature cannot be without (librbd/image/CreateRequest.cc, validate_features).
NEEDS = {"object-map": "exclusive-lock", "fast-diff": "object-map", "journaling": "exclusive-lock"}
# Numbers are read as signed ones of 64 bits, those that cannot be negative, too.
_LAST = 2**63 - 1


def number(form: str, value: str) -> Number | None:
    """The number that Ceph reads, truth as 1 and 0; None where it reads none, or another thing.

    Bounds are another question: a size may come out below 0.
    """
    return FORMS[form][0](value) if form in FORMS else None


def malformed(form: str, value: str) -> str:
    """What an option of that type takes instead; "" where it takes the value."""
    if form not in FORMS or FORMS[form][0](value) is not None:
        return ""
    return FORMS[form][1]


def alone(value: str) -> tuple[str, str] | None:
    """The first RBD feature without the one that it cannot be without, and that one."""
    read = int(_features(value) or 0)
    have = {name for bit, name in enumerate(FEATURES) if read >> bit & 1}
    # with the map of objects, librbd adds fast-diff itself
    return next(((a, b) for a, b in NEEDS.items() if a in have and b not in have), None)


def stray(form: str, limits: str, value: str) -> str:
    """Which bounds a value is out of, or which words it is none of; "" for neither.

    `limits` are `LOW..HIGH`, either of which may be missing, and for text the words it takes.
    """
    if form == "str":
        return (
            f"one of {', '.join(limits.split())}" if limits and value not in limits.split() else ""
        )
    read = number(form, value)
    if read is None or form not in RANGES:
        return ""
    low, high = RANGES[form]
    least, most = (_bound(end) for end in (limits or "..").split("..", 1))
    low, high = low if least is None else max(low, least), high if most is None else min(high, most)
    if low <= read <= high:
        return ""
    return f"{low} at least" if read < low else f"{high} at most"


def _bound(text: str) -> Number | None:
    if not text:
        return None
    return float(text) if "." in text else int(text)


def plain(form: str, value: str) -> str:
    """The value as a daemon shows it: 1h is 3600, 4G of a size 4294967296, and 2 is true."""
    read = number(form, value)
    if read is None or form not in NORMALISED:
        return value
    if form == "levels":
        log, _, memory = value.partition("/")
        return f"{int(log)}/{int(memory or log)}"
    if form == "bool":
        return value if value.lower() in ("true", "false") else str(read != 0).lower()
    # six digits behind the point, and no more
    text = f"{read:.6f}" if form == "float" else f"{read}"
    return value if value == text or _same(value, text) else text


def _same(value: str, text: str) -> bool:
    return _FLOAT.fullmatch(value) is not None and float(value) == float(text)


def _bool(value: str) -> Number | None:
    if value.lower() in ("true", "false"):
        return int(value.lower() == "true")
    read = _whole(value)
    return None if read is None or not -(2**31) <= read < 2**31 else int(read != 0)


def _whole(value: str) -> Number | None:
    return int(value) if _WHOLE.fullmatch(value) else None


def _with(units: dict[str, int]) -> Callable[[str], Number | None]:
    def read(value: str) -> Number | None:
        match = _UNIT.fullmatch(value)
        unit = units.get(match[2]) if match else None
        return int(match[1]) * unit if match and unit else None

    return read


def _float(value: str) -> Number | None:
    """As strtod(3), without what is no number and what is without end."""
    try:
        if _HEX.fullmatch(value):
            return float.fromhex(value)
        read = float(value) if _FLOAT.fullmatch(value) else math.inf
    except OverflowError:
        return None
    return read if math.isfinite(read) else None


def _seconds(value: str) -> Number | None:
    if not value or not _TIME.fullmatch(value):
        return None
    parts = [(int(count), _TIMES.get(unit)) for count, unit in _PART.findall(value)]
    return sum(count * (unit or 0) for count, unit in parts) if all(u for _, u in parts) else None


def _nothing(value: str) -> Number | None:
    return None


def _levels(value: str) -> Number | None:
    return 0 if _LEVELS.fullmatch(value) else None


def _address(value: str) -> Number | None:
    """With a version in front and a port behind, or without; one of IPv6 in brackets."""
    bare = _VERSION.sub("", value, count=1) if _VERSION.match(value) else value
    host, bracket, rest = bare.removeprefix("[").partition("]")
    if not bracket and "." in host:
        host, colon, port = host.partition(":")
        rest = colon + port
    try:
        return 0 if ip_address(host) and (not rest or _PORT.fullmatch(rest)) else None
    except ValueError:
        return None


def _addresses(value: str) -> Number | None:
    inner = value[1:-1] if value.startswith("[v") and value.endswith("]") else value
    return 0 if all(_address(one) is not None for one in inner.split(",")) else None


def _uuid(value: str) -> Number | None:
    try:
        return 0 if uuid.UUID(value) else None
    except ValueError:
        return None


def _features(value: str) -> Number | None:
    """The sum of some features of an RBD image, each once; or their names (librbd/Features.cc)."""
    if _WHOLE.fullmatch(value):
        return int(value) if 0 <= int(value) < 1 << len(FEATURES) else None
    names = [name.strip() for name in value.split(",")]
    if not set(names) <= set(FEATURES) or len(set(names)) < len(names):
        return None
    return sum(1 << FEATURES.index(name) for name in names)


FORMS: dict[str, tuple[Callable[[str], Number | None], str]] = {
    "bool": (_bool, "`true` or `false`"),
    "int": (_with(_THOUSANDS), "a whole number, such as 600"),
    "uint": (_with(_THOUSANDS), "a whole number, such as 600"),
    "float": (_float, "a number, such as 0.5"),
    "size": (_with(_SIZES), "a size in bytes, such as 4294967296 or 4G"),
    "secs": (_seconds, "a time in seconds, such as 600, or with its unit, such as 10min"),
    # whose bounds no value is in: 16.2 holds milliseconds against those of another type
    "fixed": (_nothing, "taken by this release, and nothing else is"),
    "millisecs": (_whole, "a whole number of milliseconds, such as 600"),
    "addr": (_address, "an address, such as 192.0.2.1"),
    "addrvec": (_addresses, "addresses, such as [v2:192.0.2.1:3300,v1:192.0.2.1:6789]"),
    "uuid": (_uuid, "a UUID"),
    "features": (
        _features,
        f"some of {', '.join(FEATURES)}, each once, or the sum of their numbers",
    ),
    "levels": (_levels, "a level from 0 to 99, or two such as 1/5"),
}
RANGES: dict[str, tuple[Number, Number]] = {
    "int": (-(2**63), _LAST),
    "uint": (0, _LAST),
    "float": (-math.inf, math.inf),
    "size": (0, _LAST),
    "secs": (0, _LAST),
    "millisecs": (0, _LAST),
}
# What is shown otherwise than it may be written.
NORMALISED = frozenset(["bool", "features", "levels", *RANGES])
