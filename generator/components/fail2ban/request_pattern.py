"""What is wrong with a regular expression that somebody else wrote for a request.

Read off its parse tree: whether it can leave the field that it stands for, and whether its time
can grow faster than the line. What the tree cannot show is timed on lines made to be slow.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

LONGEST = 65_536
# Seconds of processor time: linear ones need a few milliseconds for all lines together, quadratic
# ones minutes. Those of a clock would hang on what else the machine does.
PATIENCE = 5
_HANGING = 600
_TRY = f"""
import re, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({PATIENCE}, {PATIENCE}))
pattern = re.compile(sys.argv[1])
for line in sys.stdin:
    pattern.search(line)
"""

_parser: Any = import_module("re._parser")
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
_CATEGORY = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_LIKELY = "aA0/-. _=?&%:+~"


def problem(pattern: str) -> str:
    """Why an expression for a request cannot be used as it is; "" when it can."""
    if "<" in pattern:
        return "`<` begins a tag of fail2ban: use groups without names, and no look-behind"
    if not pattern.isprintable():
        return "it has a character that nobody sees: write it as `\\xNN` or `\\uNNNN`"
    if re.search(r"\s[;#]", pattern):
        return "`;` or `#` after a blank begins a comment in fail2ban's files"
    try:
        re.compile(f"^(?:{pattern})$")
        tree = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"not a regular expression of Python: {error}"
    for name, argument in _atoms(tree):
        if name in ("AT", "GROUPREF", "GROUPREF_EXISTS"):
            return (
                "it is anchored by what is around it, and has no need of `^`, `$`, `\\b` or `\\1`"
            )
        if _accepts(name, argument, '"'):
            return 'it can match a quote, and so what stands in other fields: use `[^" ]*`'
    return ""


def nested(pattern: str) -> bool:
    """Whether a repetition holds another one: `(a+)+` takes twice as long for each letter."""
    return any(
        str(inner) in _REPEATS and argument[1] > 1
        for name, (_, most, body) in _repeats(_parser.parse(pattern))
        if most > 1
        for inner, argument in _every(body)
    )


def slow(regex: str, requests: Iterable[str], before: str, after: str) -> bool:
    """Whether a whole expression is slow on lines of 64 KB around some requests."""
    lines = "".join(f"{before}{request}{after}\n" for request in requests)
    command = [sys.executable, "-I", "-S", "-c", _TRY, regex]
    try:
        done = subprocess.run(command, input=lines.encode(), timeout=_HANGING, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def example(pattern: str) -> str:
    """A text that an expression should match, as short as it can be."""
    return "".join(_text(_parser.parse(pattern), 0, -1, [0]))


def stretched(pattern: str) -> Iterator[str]:
    """Texts in which one repetition after the other is as long as a line may be."""
    tree = _parser.parse(pattern)
    for number in range(sum(1 for _ in _repeats(tree))):
        yield "".join(_text(tree, LONGEST, number, [0]))


def _every(tree: Any) -> Iterator[tuple[Any, Any]]:
    """All parts of a tree, outer ones first."""
    for name, argument in tree:
        yield name, argument
        for branch in _inside(str(name), argument):
            yield from _every(branch)


def _inside(name: str, argument: Any) -> tuple[Any, ...]:
    if name in _REPEATS:
        return (argument[2],)
    if name == "SUBPATTERN":
        return (argument[3],)
    if name == "BRANCH":
        return tuple(argument[1])
    if name in ("ASSERT", "ASSERT_NOT"):
        return (argument[1],)
    return (argument,) if name == "ATOMIC_GROUP" else ()


def _atoms(tree: Any) -> Iterator[tuple[str, Any]]:
    return ((str(name), argument) for name, argument in _every(tree))


def _repeats(tree: Any) -> Iterator[tuple[str, Any]]:
    return ((name, argument) for name, argument in _atoms(tree) if name in _REPEATS)


def _accepts(name: str, argument: Any, character: str) -> bool:
    if name == "ANY":
        return True
    if name == "LITERAL":
        return bool(argument == ord(character))
    if name == "NOT_LITERAL":
        return bool(argument != ord(character))
    return name == "IN" and _in_class(argument, character)


def _in_class(items: Any, character: str) -> bool:
    negated = str(items[0][0]) == "NEGATE"
    matches = any(_member(str(kind), value, character) for kind, value in items)
    return matches != negated


def _member(kind: str, value: Any, character: str) -> bool:
    if kind == "LITERAL":
        return bool(value == ord(character))
    if kind == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    return kind == "CATEGORY" and bool(re.match(_CATEGORY[str(value)], character))


def _text(tree: Any, longest: int, which: int, count: list[int]) -> Iterator[str]:
    """A text for each part; the repetition numbered `which` is stretched to `longest`."""
    for name, argument in ((str(name), argument) for name, argument in tree):
        if name in _REPEATS:
            least, most, body = argument
            stretch = count[0] == which
            count[0] += 1
            once = "".join(_text(body, longest, which, count))
            times = min(most, longest // max(1, len(once))) if stretch else max(least, 0)
            yield once * max(times, least)
        elif name == "BRANCH":
            texts = ["".join(_text(branch, longest, which, count)) for branch in argument[1]]
            yield max(texts, key=len) if which >= 0 else texts[0]
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            for branch in _inside(name, argument):
                yield from _text(branch, longest, which, count)
        elif name == "LITERAL":
            yield chr(argument)
        elif name in ("NOT_LITERAL", "IN"):
            yield next((c for c in _LIKELY if _accepts(name, argument, c)), _any(name, argument))


def _any(name: str, argument: Any) -> str:
    letters = (chr(code) for code in range(33, 127))
    return next((c for c in letters if _accepts(name, argument, c)), "")
