"""Ranges `[A:B]` in names, selectors and addresses: `node[01:12]` is twelve names.

Both ends count, and zeros in front are kept as written. A text holds one range at the most.
"""

from __future__ import annotations

import re

# As many as a site has nodes.
MAX = 2_000

_RANGE = re.compile(r"\[(\d{1,9}):(\d{1,9})\]")


class RangeError(ValueError):
    """A range that cannot be expanded; the message says why."""


def is_range(text: str) -> bool:
    """Whether the text holds a range."""
    return "[" in text


def size(text: str) -> int:
    """How many texts a text with a range stands for; one where its range cannot be expanded."""
    ranges = _RANGE.findall(text)
    return max(int(ranges[0][1]) - int(ranges[0][0]) + 1, 1) if len(ranges) == 1 else 1


def expand(text: str) -> tuple[str, ...]:
    """All texts that a text with a range stands for, in order; itself when it has none."""
    ranges = list(_RANGE.finditer(text))
    if not ranges:
        if "[" in text or "]" in text:
            raise RangeError(f"`{text}` has a bracket but no range of the form [A:B]")
        return (text,)
    if len(ranges) > 1:
        raise RangeError(f"`{text}` has more than one range")
    first, last = ranges[0].groups()
    low, high = int(first), int(last)
    if high < low:
        raise RangeError(f"`{text}` counts down; write [{last}:{first}]")
    if high - low >= MAX:
        raise RangeError(f"`{text}` stands for more than {MAX:,} texts")
    width = len(first) if first.startswith("0") else 0
    head, tail = text[: ranges[0].start()], text[ranges[0].end() :]
    return tuple(f"{head}{number:0{width}d}{tail}" for number in range(low, high + 1))
