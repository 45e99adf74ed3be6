"""Asking the running PHP: FastCGI over its socket or port, by a few lines of python3.

The script it runs, web-state.php, lies in no document root, so nothing else can reach it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from verify import probes
from verify.contract import Command, Output, Unreadable
from verify.readers.answers import text

# where releases before 0.3 always had it
USUAL = "127.0.0.1:9000"
SCRIPT = "/usr/local/lib/stook/web-state.php"


def ask(
    fastcgi: str, settings: Iterable[str] = (), database: bool = False, scope: str = "node"
) -> Command:
    """The values of settings, and what comes of a connection to the database.

    `fastcgi` is where PHP listens: the path of a socket, or `127.0.0.1:PORT`.
    """
    query = {"settings": ",".join(settings)} | ({"database": "1"} if database else {})
    words = (fastcgi, SCRIPT, urlencode(query, safe=","))
    return probes.ask("fpm", *words, scope=scope, timeout=20)


def read(output: Output) -> dict[str, Any]:
    """What web-state.php answered. Raises `Unreadable` for anything else."""
    printed = text(output, "PHP").strip()
    try:
        state = json.loads(printed)
    except (ValueError, RecursionError):
        raise Unreadable(f"PHP: it answered {printed[:200] or 'nothing'}") from None
    if not isinstance(state, dict):
        raise Unreadable(f"PHP: it answered {printed[:200]}")
    return state


def part(state: dict[str, Any], key: str, form: type[Any]) -> Any:
    """One part of an answer. Raises `Unreadable` where it is absent or of another form."""
    value = state.get(key)
    if not isinstance(value, form):
        raise Unreadable(f"PHP: its answer has no {key}")
    return value
