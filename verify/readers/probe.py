"""Whether a port answers, refuses or is filtered, asked with what every node has: python3 or bash.

A refused connection proves that nothing filtered it: without a firewall an unused port answers so.
"""

from __future__ import annotations

from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Output, Unreadable
from verify.readers.answers import text

WAIT = probes.Seconds(4)
OPEN, REFUSED, FILTERED, SILENT = "open", "refused", "filtered", "silent"

_WORDS = {
    "OK": OPEN,
    "ECONNREFUSED": REFUSED,
    "EHOSTUNREACH": FILTERED,
    "EACCES": FILTERED,
    "ETIMEDOUT": FILTERED,
    "Connection refused": REFUSED,
    "No route to host": FILTERED,
    "Permission denied": FILTERED,
    "Connection timed out": FILTERED,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`word` is one of the four above, `detail` what the kernel said."""

    word: str
    detail: str

    def __str__(self) -> str:
        return f"{self.word} ({self.detail})"


def command(address: str, port: int, protocol: str, scope: str, step: int = 0) -> Command:
    """Try to reach a port from `scope`. Without python3 only TCP can be asked."""
    python = probes.run("reach", address, port, protocol, WAIT)
    bash = probes.run("reach.sh", address, port, WAIT, shell="bash")
    tcp = f"elif command -v bash >/dev/null; then {bash}\n"
    return Command(
        f"if command -v python3 >/dev/null; then {python}\n"
        f"{tcp if protocol == 'tcp' else ''}"
        "else echo 'neither python3 nor bash' >&2; exit 127; fi",
        scope,
        timeout=WAIT + 6,
        program=probes.python("reach", address, port, protocol, WAIT),
        step=step,
        reaches=address,
    )


def responded(output: Output) -> bool:
    """Whether the other end itself answered: only an open and a refused port do."""
    try:
        return read(output).word in (OPEN, REFUSED)
    except Unreadable:
        return False


def read(output: Output, protocol: str = "tcp") -> Answer:
    """What the probe saw. Raises `Unreadable` when it never reached the network."""
    printed = text(output, "probe").strip()
    for error, word in _WORDS.items():
        if error in printed:
            silent = protocol == "udp" and error == "ETIMEDOUT"
            return Answer(SILENT if silent else word, "connected" if error == "OK" else error)
    raise Unreadable(f"probe: it could not be sent ({printed[:200] or 'it printed nothing'})")
