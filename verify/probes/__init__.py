"""Python that is sent to nodes, or to the machine outside: one module each, run by their python3.

Each needs the standard library, and what the daemon that it asks has brought; Python 3.9 is enough.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import resources
from shlex import quote

PYTHON = "python3"


def run(probe: str, *words: object, python: str = PYTHON) -> str:
    """The command that runs a probe, with its words quoted."""
    return " ".join((python, "-c", _quoted(probe), *(quote(str(word)) for word in words)))


@cache
def _quoted(probe: str) -> str:
    return quote(source(probe))


def source(probe: str) -> str:
    """What is sent of a probe: all of it but its docstring."""
    text = resources.files(__name__).joinpath(f"{probe}.py").read_text("utf-8")
    end = ast.parse(text).body[0].end_lineno
    return "".join(text.splitlines(keepends=True)[end:]).lstrip("\n")
