"""What fail2ban's server runs with and its files do not say, as JSON: SOCKET CLIENT…."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from fail2ban.client.csocket import CSocket  # type: ignore[import-not-found]
from fail2ban.server.failregex import FailRegex, Regex  # type: ignore[import-not-found]

# An action's commands: what it does not have is empty.
STEPS = ("start", "stop", "check", "ban", "unban", "flush", "reban", "prolong", "reload")
COMMANDS = tuple(f"action{name}" for name in (*STEPS, "repair", "repair_on_unban"))


class Planned:
    """A jail as the files have it, out of the commands that a start would give."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.options: dict[str, Any] = {"ignorecommand": ""}
        self.lists: dict[str, list[str]] = {"failregex": [], "ignoreregex": []}
        self.matches: list[list[str]] = []
        self.actions: dict[str, dict[str, Any]] = {}

    def take(self, what: str, values: list[Any]) -> None:
        more = values[0] if values and isinstance(values[0], list) else values
        if what == "addaction":
            self.actions[values[0]] = {}
        elif what == "action":
            name, *rest = values
            self.actions[name].update(dict(rest[0] if isinstance(rest[0], list) else [rest]))
        elif what == "addjournalmatch":
            self.matches += [part.split("\0") for part in "\0".join(values).split("\0+\0")]
        elif what.startswith("add"):
            self.lists.setdefault(what[len("add") :], []).extend(more)
        else:
            self.options[what] = values[0]

    def regex(self) -> Iterator[tuple[str, object]]:
        """Regular expressions as the server has them once their tags are written out."""
        dns = self.options.get("usedns", "warn")
        before = self.options.get("prefregex")
        prefix = Regex(before, useDns=dns) if before else None
        several = int(self.options.get("maxlines", 1)) > 1
        fail = [
            FailRegex(one, prefRegex=prefix, multiline=several, useDns=dns).getRegex()
            for one in self.lists["failregex"]
        ]
        yield "prefregex", prefix.getRegex() if prefix else ""
        yield "failregex", fail
        yield (
            "ignoreregex",
            [Regex(one, useDns=dns).getRegex() for one in self.lists["ignoreregex"]],
        )

    def expected(self) -> Iterator[tuple[tuple[str, ...], object]]:
        """Each question, without the jail's name, and its answer."""
        for name, value in self.regex():
            yield (name,), value
        for name in ("usedns", "maxlines", "ignorecommand"):
            if name in self.options:
                yield (name,), self.options[name]
        if self.backend.startswith("systemd"):
            yield ("journalmatch",), self.matches
        yield ("actions",), list(self.actions)
        for action, values in self.actions.items():
            for name in dict.fromkeys((*COMMANDS, *values)):
                yield ("action", action, name), values.get(name, "")


def planned(lines: Iterator[str]) -> dict[str, Planned]:
    jails: dict[str, Planned] = {}
    for line in lines:
        if line.startswith("["):
            verb, name, *values = ast.literal_eval(line)
            if verb == "add":
                jails[name] = Planned(values[0])
            elif verb in ("set", "multi-set") and name in jails:
                jails[name].take(values[0], values[1:])
    return jails


def asked(server: Any, jail: str, plan: Planned) -> Iterator[tuple[tuple[str, ...], object]]:
    """Without what an action does not have: each question about that is an error in the log."""
    said = {one: server.send(["get", jail, "actionproperties", one]) for one in plan.actions}
    have = {action: () if failed else names for action, (failed, names) in said.items()}
    for question, value in plan.expected():
        if question[0] != "action" or value or question[2] in have[question[1]]:
            yield question, value


def drift(socket: str, jails: dict[str, Planned]) -> Iterator[str]:
    server = CSocket(socket)
    for jail, plan in jails.items():
        if server.send(["status", jail])[0]:
            continue
        for question, value in asked(server, jail, plan):
            failed, answer = server.send(["get", jail, *question])
            if failed or str(answer or "") != str(value or ""):
                yield " ".join((jail, *question))


def main(socket: str, *client: str) -> None:
    done = subprocess.run([*client, "-d"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"fail2ban-client -d: exit code {done.returncode}")
    jails = planned(iter(done.stdout.splitlines()))
    print(json.dumps({"jails": sorted(jails), "drift": list(drift(socket, jails))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
