"""Lines of sha256sum(1)."""

from __future__ import annotations

from generator.formats import Format
from generator.formats.text import decoded


def read(content: bytes) -> None:
    """A digest and a path in each. Raises ValueError."""
    for line in decoded(content).splitlines():
        digest, gap, path = line[:64], line[64:66], line[66:]
        if len(digest) != 64 or gap != "  " or not path:
            raise ValueError(f"not a checksum line: {line}")


FORMAT = Format(read)
