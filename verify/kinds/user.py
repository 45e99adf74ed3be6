"""A person's account is there with the planned groups and ssh keys, and no other key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Keys as whole authorized_keys lines; the password must be locked."""

    name: str
    groups: tuple[str, ...]
    shell: str
    keys: tuple[str, ...]
