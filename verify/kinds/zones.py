"""No firewalld zone is active but those of the spec, and the kernel really filters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """The zones that may be active, and the default one."""

    zones: tuple[str, ...]
    default: str
