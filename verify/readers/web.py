"""Requests to a node's web server, made by a few lines of python3 on the node itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Output, Unreadable
from verify.readers.answers import text

WAIT = 15
LONGEST = 200_000

# http.client sends a path as it stands; urllib and curl tidy it up.
_CLIENT = """
import http.client, json, sys
address, port, host, path = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
found = {"status": 0, "headers": {}, "body": "", "error": ""}
try:
    server = http.client.HTTPConnection(address, port, timeout=WAIT)
    server.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
    for line in ["Host: " + host, "Connection: close", *sys.argv[5:]]:
        server.putheader(*line.split(": ", 1))
    server.endheaders()
    answer = server.getresponse()
    found["status"] = answer.status
    found["headers"] = {k.lower(): v for k, v in answer.getheaders()}
    found["body"] = answer.read(LONGEST).decode("utf-8", "replace")
except (OSError, http.client.HTTPException) as error:
    found["error"] = str(error) or type(error).__name__
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a request; `error` is why there is none. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: str
    error: str


def get(
    address: str,
    port: int,
    host: str,
    path: str,
    *headers: str,
    scope: str = "node",
    step: int = 0,
) -> Command:
    """One GET; `path` is sent as it stands, `headers` are whole lines."""
    client = _CLIENT.replace("WAIT", str(WAIT)).replace("LONGEST", str(LONGEST))
    words = " ".join(map(quote, (address, str(port), host, path, *headers)))
    return Command(f"python3 -c {quote(client)} {words}", scope, WAIT + 5, step)


def read(output: Output) -> Answer:
    """The answer. Raises `Unreadable` when the request was never made."""
    printed = text(output, "GET").strip()
    try:
        found = json.loads(printed)
        answer = Answer(**found)
    except (ValueError, TypeError):
        raise Unreadable(f"GET: it printed {printed[:200] or 'nothing'}") from None
    sound = isinstance(answer.status, int) and isinstance(answer.headers, dict)
    if not sound or not isinstance(answer.body, str) or not isinstance(answer.error, str):
        raise Unreadable(f"GET: it printed {printed[:200]}")
    return answer
