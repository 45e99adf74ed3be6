"""Have PHP-FPM run a script: PATH-OR-HOST:PORT SCRIPT QUERY. Prints what it answered.

FastCGI Specification 1.0: BEGIN_REQUEST, PARAMS, STDIN; STDOUT is record type 6.
"""

from __future__ import annotations

import socket
import struct
import sys

BEGIN, PARAMS, STDIN, STDOUT = 1, 4, 5, 6


def record(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBHHBB", 1, kind, 1, len(body), 0, 0) + body


def pair(name: str, value: str) -> bytes:
    key, word = name.encode(), value.encode()
    return struct.pack(">BI", len(key), len(word) | 1 << 31) + key + word


def connection(place: str) -> socket.socket:
    if not place.startswith("/"):
        host, _, port = place.rpartition(":")
        return socket.create_connection((host, int(port)), 15)
    fpm = socket.socket(socket.AF_UNIX)
    fpm.settimeout(15)
    fpm.connect(place)
    return fpm


def ask(place: str, words: dict[str, str]) -> bytes:
    with connection(place) as fpm:
        params = b"".join(pair(*item) for item in words.items())
        begin = record(BEGIN, struct.pack(">HB5x", 1, 0))
        fpm.sendall(begin + record(PARAMS, params) + record(PARAMS, b"") + record(STDIN, b""))
        return b"".join(iter(lambda: fpm.recv(65536), b""))


def printed(data: bytes) -> bytes:
    out = b""
    while data:
        size, padding = struct.unpack(">HB", data[4:7])
        out += data[8 : 8 + size] if data[1] == STDOUT else b""
        data = data[8 + size + padding :]
    return out


def main(place: str, script: str, query: str) -> None:
    words = {"SCRIPT_FILENAME": script, "QUERY_STRING": query, "REQUEST_METHOD": "GET"}
    try:
        data = ask(place, words)
    except OSError as error:
        sys.exit(str(error))
    print(printed(data).partition(b"\r\n\r\n")[2].decode("utf-8", "replace").strip())


if __name__ == "__main__":
    main(*sys.argv[1:])
