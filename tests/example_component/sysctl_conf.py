"""Settings as sysctl.d(5) reads them: `name = value` a line."""

from __future__ import annotations

import re

from generator.formats import Format, Unwritable
from generator.formats.text import decoded

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")


def quote(value: str) -> str:
    """A value, which has no quoting of any kind: what cannot stand there as it is, cannot stand."""
    if not value.isprintable() or value != value.strip():
        raise Unwritable(f"{value!r} cannot stand in sysctl.d")
    return value


def read(content: bytes) -> dict[str, str]:
    """Settings by name. Raises ValueError."""
    lines = (line for line in decoded(content).splitlines() if line and line[0] not in "#;")
    settings: dict[str, str] = {}
    for line in lines:
        name, equals, value = (word.strip() for word in line.partition("="))
        if not equals or not value or not _NAME.fullmatch(name):
            raise ValueError(f"not a setting: {line!r}")
        settings[name] = value
    return settings


FORMAT = Format(read, quote=quote)
