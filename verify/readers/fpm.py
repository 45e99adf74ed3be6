"""Asking the running PHP: FastCGI over the loopback address, spoken by a few lines of python3.

The script it runs, web-state.php, lies in no document root, so nothing else can reach it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from shlex import quote
from typing import Any
from urllib.parse import urlencode

from verify.contract import Command, Output, Unreadable
from verify.readers.answers import text

PORT = 9000
SCRIPT = "/usr/local/lib/stook/web-state.php"

# FastCGI Specification 1.0: BEGIN_REQUEST, PARAMS, STDIN; STDOUT is record type 6.
_CLIENT = """
import socket, struct, sys
def record(kind, body):
    return struct.pack(">BBHHBB", 1, kind, 1, len(body), 0, 0) + body
def pair(name, value):
    name, value = name.encode(), value.encode()
    return struct.pack(">BI", len(name), len(value) | 1 << 31) + name + value
words = {"SCRIPT_FILENAME": sys.argv[2], "QUERY_STRING": sys.argv[3], "REQUEST_METHOD": "GET"}
data = b""
try:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 15) as fpm:
        begin = record(1, struct.pack(">HB5x", 1, 0))
        params = b"".join(pair(*item) for item in words.items())
        fpm.sendall(begin + record(4, params) + record(4, b"") + record(5, b""))
        while True:
            part = fpm.recv(65536)
            if not part:
                break
            data += part
except OSError as error:
    sys.exit(str(error))
out = b""
while data:
    size, padding = struct.unpack(">HB", data[4:7])
    out += data[8 : 8 + size] if data[1] == 6 else b""
    data = data[8 + size + padding :]
print(out.partition(b"\\r\\n\\r\\n")[2].decode("utf-8", "replace").strip())
"""


def ask(settings: Iterable[str] = (), database: bool = False, scope: str = "node") -> Command:
    """The values of settings, and what comes of a connection to the database."""
    asked = {"settings": ",".join(settings)} | ({"database": "1"} if database else {})
    words = f"{PORT} {SCRIPT} {quote(urlencode(asked, safe=','))}"
    return Command(f"python3 -c {quote(_CLIENT)} {words}", scope, timeout=20)


def read(output: Output) -> dict[str, Any]:
    """What web-state.php answered. Raises `Unreadable` for anything else."""
    printed = text(output, "PHP").strip()
    try:
        found = json.loads(printed)
    except ValueError:
        raise Unreadable(f"PHP: it answered {printed[:200] or 'nothing'}") from None
    if not isinstance(found, dict):
        raise Unreadable(f"PHP: it answered {printed[:200]}")
    return found


def part(found: dict[str, Any], key: str, form: type[Any]) -> Any:
    """One part of an answer. Raises `Unreadable` where it is absent or of another form."""
    value = found.get(key)
    if not isinstance(value, form):
        raise Unreadable(f"PHP: its answer has no {key}")
    return value
