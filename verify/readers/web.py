"""Requests to a node's web server, made by a few lines of python3 on the node itself."""

from __future__ import annotations

import json
from dataclasses import dataclass

from verify import plain, probes
from verify.contract import Command, Output, Unreadable
from verify.readers.answers import WRONG, text

WAIT = probes.Seconds(15)
LONGEST = 200_000


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
    words = (WAIT, LONGEST, address, port, host, path, *headers)
    return probes.ask("get", *words, scope=scope, timeout=WAIT + 5, step=step)


def read(output: Output) -> Answer:
    """The answer. Raises `Unreadable` when the request was never made."""
    printed = text(output, "GET").strip()
    try:
        return plain.read(Answer, json.loads(printed), "GET")
    except (*WRONG, plain.ContractError):
        raise Unreadable(f"GET: it printed {printed[:200] or 'nothing'}") from None
