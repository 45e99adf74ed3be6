"""Our static shell scripts as nodes get them: without the comments of the source.

EC2 takes 16 KiB of user-data, and comments are a third of it even compressed. The head of a
script stays (`apply --help` prints it), and so does what shellcheck must see.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_COMMENT = re.compile(r"[ \t]*#(?! shellcheck )")


@cache
def script(package: str, *path: str) -> bytes:
    """A script of a package, from its shebang on; deterministic, so it can be digested."""
    text = resources.files(package).joinpath(*path).read_text("utf-8")
    head, gap, rest = text.partition("\n\n")
    return f"{head}{gap}{_stripped(rest)}".encode()


def _stripped(text: str) -> str:
    lines = [line for line in text.split("\n") if not _COMMENT.match(line)]
    # an empty line is worth keeping only where it is one
    kept = [b for a, b in zip(["x", *lines], lines, strict=False) if a.strip() or b.strip()]
    return "\n".join(kept)
