"""What runs on nodes: a script is written in parts and goes to a node as one file, comments too.

In sh a line `. PATH` takes a part in: `. lib/plan.sh` from the folder `node`, `. ./keys.sh` from
beside the script, `. family/install.sh` from the folder of the node's package family. That is how
sh itself would read it, run in that folder. In Python it is `from MODULE import NAME` of a
module of ours, which may use the standard library only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import takewhile
from shlex import quote

from generator.platforms import families

_SHELL = "#!/bin/sh\n"
_PYTHON = "#!/usr/bin/python3"
_PART = re.compile(r"^\. (\S+)\n(?=(\. )?)", re.MULTILINE)
# what the first lines of a part say to ShellCheck and to our tests
_ALONE = re.compile(r"\A(?:# (?:shellcheck shell=sh|calls: .*)\n)*")


@cache
def script(package: str, *path: str, family: str = "", **values: str) -> bytes:
    """A file of a package as nodes get it; deterministic, so it can be digested.

    Each of the values replaces an empty one in a script of sh, which has a line `NAME=''`.
    """
    *folders, name = path
    folder = resources.files(package).joinpath(*folders)
    text = folder.joinpath(name).read_text("utf-8")
    if text.startswith(_SHELL):
        text = _given(_joined(text, folder, family), values)
    elif text.startswith(_PYTHON):
        text = _module(text)
    return text.encode()


def _joined(text: str, beside: Traversable, family: str) -> str:
    def part(line: re.Match[str]) -> str:
        return _part(line[1], beside, family) + ("\n" if line[2] else "")

    return _PART.sub(part, text)


def _part(name: str, beside: Traversable, family: str) -> str:
    first, *rest = name.split("/")
    if first == ".":
        place = beside
    elif first == "family":
        place = families.home(family)
    else:
        place = resources.files("generator.rendering.node").joinpath(first)
    return _ALONE.sub("", place.joinpath(*rest).read_text("utf-8"))


def _given(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        before, empty, after = text.partition(f"\n{name}=''\n")
        if not empty:
            raise KeyError(name)
        text = f"{before}\n{name}={quote(value)}\n{after}"
    return text


def _module(text: str) -> str:
    """A script of Python after the modules of ours that it imports, each before what uses it."""
    used: dict[str, str] = {}
    imports: dict[str, set[str]] = {}
    head, body = _taken_apart(text, imports, used)
    if not used:
        return text
    sections = "".join(
        f"# {'-' * 64} {name.rpartition('.')[2]}\n{section.rstrip()}\n\n\n"
        for name, section in used.items()
    )
    return f"{head}\n{_imports(imports)}\n{sections}# {'-' * 64} main\n\n{body.lstrip()}"


def _taken_apart(text: str, imports: dict[str, set[str]], used: dict[str, str]) -> tuple[str, str]:
    """What a module begins with, and what comes after its imports, which are noted."""
    lines = text.splitlines(keepends=True)
    documentation, *statements = ast.parse(text).body
    end = documentation.end_lineno
    for one in takewhile(lambda s: isinstance(s, ast.Import | ast.ImportFrom), statements):
        end = one.end_lineno
        if isinstance(one, ast.Import):
            for alias in one.names:
                imports.setdefault("", set()).add(ast.unparse(alias))
        elif isinstance(one, ast.ImportFrom) and one.module:
            if one.module.startswith("generator."):
                _take(one.module, imports, used)
            else:
                imports.setdefault(one.module, set()).update(map(ast.unparse, one.names))
    return "".join(lines[: documentation.end_lineno]), "".join(lines[end:])


def _take(module: str, imports: dict[str, set[str]], used: dict[str, str]) -> None:
    package, _, name = module.rpartition(".")
    if module in used:
        return
    text = resources.files(package).joinpath(f"{name}.py").read_text("utf-8")
    head, body = _taken_apart(text, imports, used)
    about = ast.literal_eval(head).strip()
    used[module] = (
        "".join(f"# {line}".rstrip() + "\n" for line in about.splitlines())
        + "\n"
        + body.lstrip("\n")
    )


def _imports(names: dict[str, set[str]]) -> str:
    """Import statements as one would write them by hand: plain ones first, each sorted."""
    future = "from __future__ import annotations\n\n"
    plain = "".join(f"import {name}\n" for name in sorted(names.get("", ())))
    rest = sorted((module, imported) for module, imported in names.items() if module)
    return (
        future
        + plain
        + "".join(
            f"from {module} import {', '.join(sorted(imported))}\n"
            for module, imported in rest
            if module != "__future__"
        )
    )
