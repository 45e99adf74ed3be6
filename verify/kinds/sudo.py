"""sudo gives a user exactly what the spec says, and its files are valid."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Rules as `sudo -l` prints them, such as `(ALL : ALL) NOPASSWD: ALL`."""

    user: str
    rules: tuple[str, ...]
