"""The head of user-data; its entries are read back with their own files."""

from __future__ import annotations

from generator.formats import Format
from generator.formats.text import decoded


def read(content: bytes) -> None:
    """It says what it is. Raises ValueError."""
    text = decoded(content)
    if not text.startswith("#cloud-config\n"):
        raise ValueError("not a cloud-config")


FORMAT = Format(read)
