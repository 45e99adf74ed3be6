"""ceph.conf: sections of `name = value`."""

from __future__ import annotations

from generator.formats import Format, Unwritable
from generator.formats.text import decoded


def quote(value: str) -> str:
    """A value of ceph.conf, which needs no quotes without what begins a comment, quotes or escapes.

    Source: ceph-conf(8), configuration file syntax.
    """
    if any(c in value for c in "#;'\"\\\n\r") or value != value.strip() or not value:
        raise Unwritable(f"{value!r} cannot stand in ceph.conf")
    return value


def read(content: bytes) -> None:
    """Sections, and values that hold no quotes, comments or escapes. Raises ValueError."""
    for line in decoded(content).splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if line.startswith(("#", "[")) or not line.strip():
            continue
        if not equals or not name:
            raise ValueError(f"not `name = value`: {line}")
        quote(value)


FORMAT = Format(read, quote=quote)
