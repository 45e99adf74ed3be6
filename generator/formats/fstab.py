"""Lines of fstab(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.formats import Format
from generator.formats.text import decoded

if TYPE_CHECKING:
    from generator.claims import Mount

_ESCAPES = str.maketrans({" ": "\\040", "\t": "\\011", "\n": "\\012", "\\": "\\134", "#": "\\043"})


def quote(value: str) -> str:
    """A field of fstab(5): blanks, backslashes and hashes in octal."""
    return value.translate(_ESCAPES)


def line(mount: Mount, options: tuple[str, ...]) -> str:
    """All six fields, always: an omitted one gets a default that differs between readers."""
    fields = (mount.source, mount.path, mount.fstype, ",".join(options))
    return " ".join([*map(quote, fields), "0", "0"])


def read(content: bytes) -> None:
    """Six fields each, and the last two are 0. Raises ValueError."""
    for row in decoded(content).splitlines():
        fields = row.split()
        if len(fields) != 6 or not fields[4:] == ["0", "0"] or not fields[1].startswith("/"):
            raise ValueError(f"not six fields of fstab: {row}")


FORMAT = Format(read, quote=quote)
