"""A file is, byte for byte and bit for bit, the one in the bundle."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Contents by SHA-256 (hex), mode as four octal digits, owner and group by name."""

    path: str
    sha256: str
    mode: str
    owner: str
    group: str
