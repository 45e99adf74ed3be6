"""Programs that are sent to nodes, or to the machine outside: one file each, in Python or shell.

Python is run by the node's python3 (3.9 is enough), and needs the standard library and what the
daemon that it asks has brought; what it imports of another one of these is sent with it. Shell is
POSIX, or bash where its first line says so.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import resources
from itertools import dropwhile
from shlex import quote
from typing import Any

from verify.contract import Command, Program

PYTHON = "python3"
TIMES = "STOOK_TIMES"
FUTURE = "from __future__ import annotations\n"


class Seconds(int):
    """Seconds that something is waited for; a trip that is given more time stretches them."""

    @property
    def shell(self) -> str:
        """As a word of a command."""
        return f"$(({int(self)}*${{{TIMES}:-1}}))"


def ask(probe: str, *words: object, typed: str = "", **where: Any) -> Command:
    """A command that is a probe in Python: what people would type, and what else a command has."""
    program = python(probe, *words)
    comment = f"# {typed}\n" if typed else ""
    return Command(comment + text(program), program=program, **where)


def python(probe: str, *words: object) -> Program:
    """A probe in Python and its words."""
    return Program(probe, tuple(w if isinstance(w, Seconds) else str(w) for w in words))


def together(program: Program, *questions: str) -> Program:
    """The same with questions after its words."""
    return Program(program.name, (*program.words, *questions))


def text(program: Program) -> str:
    """What a shell runs for it."""
    return run(program.name, *program.words)


def run(probe: str, *words: object, python: str = PYTHON, shell: str = "sh") -> str:
    """The command that runs a probe, with its words quoted; `NAME.sh` is one in shell."""
    program = (
        (shell, "-c", _quoted(probe), probe) if _shell(probe) else (python, "-c", _quoted(probe))
    )
    return " ".join((*program, *map(_word, words)))


def _word(word: object) -> str:
    return word.shell if isinstance(word, Seconds) else quote(str(word))


@cache
def _quoted(probe: str) -> str:
    return quote(source(probe))


def _shell(probe: str) -> bool:
    return probe.endswith(".sh")


@cache
def source(probe: str) -> str:
    """What is sent of a probe: all of it but the docstring or the comment that it begins with."""
    name = probe if _shell(probe) else f"{probe}.py"
    text = resources.files(__name__).joinpath(name).read_text("utf-8")
    lines = text.splitlines(keepends=True)
    if _shell(probe):
        return "".join(dropwhile(lambda line: line.startswith(("#", "\n")), lines))
    tree = ast.parse(text)
    for node in reversed(tree.body):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{__name__}."):
            other = source(str(node.module).rpartition(".")[2])
            lines[node.lineno - 1 : node.end_lineno] = [other.removeprefix(FUTURE)]
    return "".join(lines[tree.body[0].end_lineno :]).lstrip("\n")
