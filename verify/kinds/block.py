"""A managed block stands in a file exactly once, with exactly its lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """The lines between `# BEGIN stook SITE` and `# END stook SITE` of the file."""

    path: str
    site: str
    lines: tuple[str, ...]
