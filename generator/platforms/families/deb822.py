"""Paragraphs of deb822(5)."""

from __future__ import annotations

from collections.abc import Mapping

from generator.formats import Format
from generator.formats.text import decoded


def dump(fields: Mapping[str, str]) -> bytes:
    """A paragraph of deb822(5): continuation lines begin with a blank, empty ones are ` .`."""
    lines = []
    for key, value in fields.items():
        first, *rest = value.split("\n")
        if not value:
            continue
        lines.append(f"{key}:" + (f" {first}" if not rest else ""))
        if rest:
            lines += [f" {line}" if line.strip() else " ." for line in (first, *rest)]
    return ("\n".join(lines) + "\n").encode()


def read(content: bytes) -> None:
    """Fields, and further lines of one that begin with a blank. Raises ValueError."""
    for row in decoded(content).splitlines():
        if not row.startswith(" ") and ":" not in row:
            raise ValueError(f"neither a field nor a further line of one: {row}")


FORMAT = Format(read)
