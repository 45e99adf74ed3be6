"""Commands that are scripts in Python: many questions to one are asked in one process."""

from __future__ import annotations

import json
from collections.abc import Iterable
from shlex import join, quote

from verify import probes
from verify.contract import Command


def ask(*words: str, given: Iterable[str] = (), timeout: int = 10, step: int = 0) -> Command:
    """A script with its words, and the lines of its standard input."""
    lines = tuple(given)
    before = f"printf '%s\\n' {' '.join(map(quote, lines))} | " if lines else ""
    question = json.dumps(["".join(f"{line}\n" for line in lines), *words[1:]])
    program = probes.python("scripts", words[0])
    return Command(before + join(words), "node", timeout, step, program=program, question=question)
