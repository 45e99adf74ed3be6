"""Every `$` line of the docs is run as it is written, or marked with the reason why not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(?:^ *<!-- not run: (.*?) -->\n)?^ *```(\w*)[^\n]*\n(.*?)^ *```$", re.M | re.S)
MOST_MARKED = 10


class Shown(NamedTuple):
    """A block with `$` lines, each with what is shown after it."""

    page: Path
    reason: str
    text: str

    def lines(self) -> Iterator[tuple[str, list[str]]]:
        """Each command with the lines below it."""
        for part in re.split(r"^[$#] ", self.text, flags=re.M)[1:]:
            command, *below = part.rstrip("\n").split("\n")
            yield command, below


def blocks() -> Iterator[Shown]:
    for page in PAGES:
        for reason, language, text in BLOCK.findall(page.read_text("utf-8")):
            typed = language in ("", "sh") and re.search(r"^ *\$ ", text, re.M)
            if language == "console" or typed:
                yield Shown(page, reason, text)


RUN = [block for block in blocks() if not block.reason]


@pytest.mark.parametrize("block", RUN, ids=lambda block: block.page.stem)
def test_it_runs_as_written_and_says_what_is_shown(block: Shown) -> None:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command, below in block.lines():
        done = subprocess.run(
            command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.returncode in (0, 1), done.stderr
        rest = done.stdout
        # what is left out between the pieces is shown as `…`
        for piece in filter(None, (text.strip("\n") for text in "\n".join(below).split("\n…"))):
            assert piece in rest, f"{command}\n{done.stdout}"
            rest = rest.partition(piece)[2]


def test_few_are_marked_and_some_are_run() -> None:
    assert RUN
    assert len(list(blocks())) - len(RUN) <= MOST_MARKED
    assert all(block.reason == "" or len(block.reason) > 10 for block in blocks())
