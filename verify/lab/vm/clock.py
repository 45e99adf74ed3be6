"""A time server in a few lines (SNTP, RFC 4330): `python -m verify.lab.vm.clock ADDRESS`."""

from __future__ import annotations

import socket
import struct
import sys
import time

EPOCH = 2_208_988_800  # seconds from 1900 to 1970
SERVER, PRIMARY, PRECISION = 0x24, 1, -20  # no leap second, version 4, mode 4


def answer(request: bytes, now: float) -> bytes:
    """The reply to one request: our time, and the client's own so that it can tell its question."""
    head = struct.pack(">BBbb II 4s", SERVER, PRIMARY, request[2], PRECISION, 0, 0, b"LOCL")
    return head + stamp(now) + request[40:48] + stamp(now) + stamp(now)


def stamp(now: float) -> bytes:
    """A time as NTP writes it, in seconds and 2**32ths of a second."""
    whole = int(now)
    return struct.pack(">II", whole + EPOCH & 0xFFFFFFFF, int((now - whole) * 2**32))


def serve(address: str) -> None:
    """Answer until the process is ended."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 123))
        while True:
            request, client = server.recvfrom(512)
            if len(request) >= 48:
                server.sendto(answer(request, time.time()), client)


if __name__ == "__main__":
    serve(sys.argv[1])
