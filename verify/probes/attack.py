"""Requests of an attacker and of an innocent: below|reach|return ADDRESS PORT ATTACKER INNOCENT
METHOD PATH COUNT deny|drop. Prints what became of each in the order in which they were made, one
word each.
"""

from __future__ import annotations

import concurrent.futures
import http.client
import socket
import sys
import time
from collections.abc import Callable

NO_ADDRESS = 3


class Visitors:
    """The attacker and the innocent; all requests claim to come from the innocent."""

    def __init__(self, address: str, port: str, attacker: str, innocent: str) -> None:
        self.address, self.port = address, int(port)
        self.attacker, self.innocent = attacker, innocent

    def visit(self, source: str, wait: int = 15) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(
            self.address, self.port, timeout=wait, source_address=(source, 0)
        )
        connection.connect()
        return connection

    def ask(self, made: http.client.HTTPConnection, method: str = "GET", path: str = "/") -> str:
        headers = {"X-Forwarded-For": self.innocent, "Content-Length": "0"}
        made.request(method, path, headers=headers)
        answer = made.getresponse()
        answer.read()
        return "refused" if answer.status == 403 else "served"

    def come(self, source: str, wait: int = 15, how: tuple[str, str] = ("GET", "/")) -> str:
        return outcome(lambda: self.ask(self.visit(source, wait), *how))


def outcome(act: Callable[[], str]) -> str:
    try:
        return act()
    except socket.timeout:
        return "timeout"
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__


def attack(
    them: Visitors, method: str, path: str, count: int, beside: Callable[[], str] | None = None
) -> str:
    for _ in range(count):
        # a new connection for each, as attackers do
        them.ask(them.visit(them.attacker), method, path)
        if beside is not None:
            beside()
    return "sent"


def below(them: Visitors, method: str, path: str, count: int, probe: tuple[str, str]) -> None:
    print(outcome(lambda: attack(them, method, path, count)))
    time.sleep(2.5)
    print(them.come(them.attacker), them.come(them.innocent))


def reach(them: Visitors, method: str, path: str, count: int, probe: tuple[str, str]) -> None:
    persistent = them.visit(them.attacker, 3)
    print(outcome(lambda: them.ask(persistent)))
    # never idle for long: the server itself ends such a connection
    print(outcome(lambda: attack(them, method, path, count, lambda: them.ask(persistent))))
    beside = concurrent.futures.ThreadPoolExecutor(1)
    newcomer = beside.submit(them.come, them.attacker, 3, probe)
    end, open_one = time.monotonic() + 15, "served"
    while open_one == "served" and time.monotonic() < end:
        time.sleep(0.5)
        open_one = outcome(lambda: them.ask(persistent, *probe))
        if newcomer.done() and open_one == "served":
            newcomer = beside.submit(them.come, them.attacker, 3, probe)
    new = newcomer.result()
    # who came in the moment before the ban comes once more
    new = them.come(them.attacker, 3, probe) if new == "served" else new
    print(new, open_one, them.come(them.innocent, 15, probe))


def after(them: Visitors, method: str, path: str, count: int, probe: tuple[str, str]) -> None:
    print(outcome(lambda: attack(them, method, path, count)))
    end, mine = time.monotonic() + 2.5, ""
    while mine != "served" and time.monotonic() < end:
        time.sleep(0.25)
        mine = them.come(them.attacker)
    print(mine, them.come(them.innocent))


STEPS = {"below": below, "reach": reach, "return": after}


def main(step: str, *words: str) -> None:
    address, port, attacker, innocent, method, path, count, deny = words
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for own in (attacker, innocent):
        try:
            socket.socket(family).bind((own, 0))
        except OSError:
            print(f"{own} is not an address of this machine", file=sys.stderr)
            sys.exit(NO_ADDRESS)
    # what a cache in front of the server answers says nothing about the server
    probe = (method, path) if deny == "deny" else ("GET", "/")
    STEPS[step](Visitors(address, port, attacker, innocent), method, path, int(count), probe)


if __name__ == "__main__":
    main(*sys.argv[1:])
