"""What a running fail2ban says of itself, and what of it is in the kernel.

One client answers many questions in its interactive mode, which is ten times faster than a
client for each; before every answer it prints a prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from verify.contract import Command, Output, Unreadable
from verify.readers import scripts
from verify.readers.answers import WRONG, first_line, text

STATUS = "fail2ban-client status"
PROMPT = "fail2ban> "
ABSENT = "Sorry but the jail"
TABLE = "nft -j list table inet f2b-table"
# What fail2ban writes where a filter has <ADDR> (server/failregex.py at 1.0.2).
_ADDRESS = re.compile(r"\\\[\?\(\?:\(\?:::f\{4,6\}:\)\?\(\?P<ip4>.*?\)\\\]\?")

# A list of texts as Python prints it.
_LIST = re.compile(r"\[(?:'[^'\\]*'(?:, '[^'\\]*')*)?\]")
_ITEM = re.compile(r"'([^']*)'")


def ask(queries: Sequence[str]) -> Command:
    """The command that asks all of them."""
    return scripts.ask("fail2ban-client", "-i", given=(*queries, "exit"), timeout=20)


def answers(output: Output, queries: Sequence[str]) -> dict[str, str] | None:
    """Each answer by its question; None where there is no such jail."""
    printed = text(output, "fail2ban-client", codes=(0, 255))
    parts = [part.strip() for part in printed.split(PROMPT)[1:]]
    if len(parts) != len(queries) + 1 or not any(parts):
        raise Unreadable(f"fail2ban-client: it answered {len(parts)} times ({first_line(output)})")
    replies = dict(zip(queries, parts, strict=False))
    return None if any(part.startswith(ABSENT) for part in parts) else replies


def listed(answer: str) -> tuple[str, ...]:
    """The items of an answer that is drawn as a tree, in the daemon's order."""
    rows = [line[3:] for line in answer.splitlines() if line[:3] in ("|- ", "`- ")]
    return tuple(rows)


def expressions(answer: str) -> tuple[str, ...]:
    """Regular expressions as filters have them, with `<ADDR>` for the place of the address."""
    patterns = (re.sub(r"^\[\d+\]: ", "", row) for row in listed(answer))
    return tuple(_ADDRESS.sub("<ADDR>", one) for one in patterns)


def jails(output: Output) -> tuple[str, ...]:
    """The names of all jails."""
    match = re.search(r"^`- Jail list:\t(.*)$", text(output, STATUS), re.MULTILINE)
    if match is None:
        raise Unreadable(f"{STATUS}: no list of jails ({first_line(output)})")
    return tuple(name.strip() for name in match[1].split(",") if name.strip())


def banned(output: Output) -> tuple[str, ...] | None:
    """The addresses that a jail has banned; None where there is no such jail."""
    printed = text(output, "fail2ban-client get banned", codes=(0, 255)).strip()
    if printed.startswith(ABSENT):
        return None
    match = _LIST.fullmatch(printed)
    if match is None or output.code:
        raise Unreadable(f"fail2ban-client get banned: {first_line(output)}")
    try:
        return tuple(str(ip_address(one)) for one in _ITEM.findall(match[0]))
    except ValueError:
        raise Unreadable(f"fail2ban-client get banned: {first_line(output)}") from None


@dataclass(frozen=True, slots=True)
class Kernel:
    """fail2ban's table: elements of each set, and of each set the ports that its rule drops at."""

    sets: Mapping[str, tuple[str, ...]]
    drops: Mapping[str, tuple[int, ...]]


def kernel(output: Output) -> Kernel:
    """The table as nft has it; empty where there is none."""
    printed = text(output, TABLE, codes=(0, 1))
    if output.code == 1:
        if "No such file" not in output.err:
            raise Unreadable(f"{TABLE}: {first_line(output)}")
        return Kernel({}, {})
    try:
        items = json.loads(printed)["nftables"]
        sets = {item["set"]["name"]: _elements(item["set"]) for item in items if "set" in item}
        hooked = {i["chain"]["name"] for i in items if i.get("chain", {}).get("hook") == "input"}
        rules = [item["rule"] for item in items if "rule" in item]
        drops = [_drop(rule["expr"]) for rule in rules if rule["chain"] in hooked]
    except WRONG as error:
        raise Unreadable(f"{TABLE}: cannot be read ({error})") from None
    return Kernel(sets, dict(pair for pair in drops if pair))


def _elements(item: Mapping[str, Any]) -> tuple[str, ...]:
    elements = (e["elem"]["val"] if "elem" in e else e for e in item.get("elem", ()))
    return tuple(
        f"{e['prefix']['addr']}/{e['prefix']['len']}" if isinstance(e, dict) else str(e)
        for e in elements
    )


def _drop(expressions: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[int, ...]] | None:
    """A rule's set and ports, when it drops all that comes from the set to these ports."""
    ports: tuple[int, ...] = ()
    name, dropped = "", False
    for expression in expressions:
        match = expression.get("match", {})
        field, right = match.get("left", {}).get("payload", {}).get("field"), match.get("right")
        if field == "dport":
            ports = tuple(right["set"]) if isinstance(right, dict) else (right,)
        elif field == "saddr":
            name = str(right).removeprefix("@")
        elif "drop" in expression:
            dropped = True
        elif "counter" not in expression:
            return None
    return (name, ports) if dropped and name else None
