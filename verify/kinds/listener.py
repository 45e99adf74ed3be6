"""A daemon listens on a port at exactly the addresses that the spec means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Addresses as `ss` writes them ("0.0.0.0", "*", "[::]", "127.0.0.1").

    `first` and `last` bound the port (equal for a single one); `count` is how many sockets the
    process must have there in all.
    """

    protocol: str
    first: int
    last: int
    addresses: tuple[str, ...]
    process: str
    count: int = 1
