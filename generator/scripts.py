"""What runs on nodes: a script is written in parts and goes to a node as one file, comments too.

In sh a line `. PATH` takes a part in: `. lib/plan.sh` from `generator/node`, `. ./keys.sh` from
beside the script. That is how sh itself would read it, run in `generator/node`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

_SHELL = "#!/bin/sh\n"
_PART = re.compile(r"^\. (\S+)\n(?=(\. )?)", re.MULTILINE)
# what the first lines of a part say to ShellCheck and to our tests
_ALONE = re.compile(r"\A(?:# (?:shellcheck shell=sh|calls: .*)\n)*")


@cache
def script(package: str, *path: str) -> bytes:
    """A file of a package as nodes get it; deterministic, so it can be digested."""
    *folders, name = path
    folder = resources.files(package).joinpath(*folders)
    text = folder.joinpath(name).read_text("utf-8")
    return (_joined(text, folder) if text.startswith(_SHELL) else text).encode()


def _joined(text: str, beside: Traversable) -> str:
    return _PART.sub(lambda line: _part(line[1], beside) + ("\n" if line[2] else ""), text)


def _part(name: str, beside: Traversable) -> str:
    folder = beside if name.startswith("./") else resources.files("generator.node")
    path = name.removeprefix("./").split("/")
    return _ALONE.sub("", folder.joinpath(*path).read_text("utf-8"))
