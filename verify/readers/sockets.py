"""Listening sockets as `ss -H -lntup` prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from verify.contract import Output, Unreadable
from verify.readers.answers import text

USER = re.compile(r'\("((?:[^"\\]|\\.)*)",pid=(\d+),fd=\d+\)')


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket that accepts traffic; `address` as ss writes it (`0.0.0.0`, `*`, `[::]`).

    `scope` is what stands behind a `%`. A socket of the kernel itself has no processes.
    """

    protocol: str
    address: str
    port: int
    processes: tuple[str, ...]
    scope: str = ""

    def __str__(self) -> str:
        where = self.address + (f"%{self.scope}" if self.scope else "")
        return f"{self.protocol} {where}:{self.port} {'+'.join(self.processes) or 'no process'}"


def read(output: Output) -> tuple[Socket, ...]:
    """All listening sockets; raises `Unreadable` when a line is not one."""
    return tuple(_line(line) for line in text(output, "ss").splitlines() if line.strip())


def _line(line: str) -> Socket:
    fields = line.split(None, 6)
    if len(fields) < 6 or fields[0] not in ("tcp", "udp"):
        raise Unreadable(f"ss: cannot read the line {line.strip()!r}")
    where, _, port = fields[4].rpartition(":")
    if not where or not port.isdigit():
        raise Unreadable(f"ss: cannot read the address {fields[4]!r}")
    address, _, scope = where.partition("%")
    names = USER.findall(fields[6]) if len(fields) > 6 else []
    return Socket(fields[0], address, int(port), tuple(sorted({n for n, _ in names})), scope)
