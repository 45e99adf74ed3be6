"""Drop-ins of systemd's units: sections of `name=value`, each name as often as one likes."""

from __future__ import annotations

from generator.formats import Format
from generator.formats.text import decoded


def read(content: bytes) -> None:
    """Every setting stands in a section. Raises ValueError."""
    section = False
    # a line goes on where it ends with a backslash
    for row in decoded(content).replace("\\\n", " ").splitlines():
        section = section or row.startswith("[")
        if row and not row.startswith(("#", "[")) and not (section and "=" in row):
            raise ValueError(f"not a setting of a section: {row}")


FORMAT = Format(read)
