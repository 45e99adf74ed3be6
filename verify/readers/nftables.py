"""The rules in the kernel as `nft -j` lists them, in one form for what means the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from shlex import quote
from typing import Any

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import text
from verify.readers.compare import same, sets

NO_TABLE = "No such file or directory"


@dataclass(frozen=True, slots=True)
class Table:
    """The chains of a table: how each hangs in the kernel, and its rules in their order.

    `hooks` has `TYPE HOOK PRIORITY POLICY` for chains that packets enter by themselves. A table
    with `flags` may be one that filters nothing.
    """

    hooks: Mapping[str, str]
    chains: Mapping[str, tuple[str, ...]]
    flags: str = ""


def table(output: Output, asked: str) -> Table | None:
    """What `nft -j list table` printed; None where there is no such table."""
    if output.code == 1 and NO_TABLE in output.err:
        return None
    printed = text(output, asked)
    try:
        items = json.loads(printed)["nftables"]
        table = _table(items)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable(f"{asked}: cannot read {printed[:80]!r} ({error})") from None
    if not table.chains:
        raise Unreadable(f"{asked}: it shows no chain")
    return table


@dataclass(frozen=True, slots=True)
class Seen:
    """The table in the kernel; None where there is none."""

    table: Table | None


def ask(name: str) -> Mapping[str, Command]:
    """The kernel alone: neither a file nor a unit that says active filters anything."""
    return {"kernel": Command(_asked(name))}


def _asked(name: str) -> str:
    return f"nft -j list table inet {quote(name)}"


def seen(name: str, outputs: Mapping[str, Output]) -> Seen:
    """No such table is an answer."""
    return Seen(table(outputs["kernel"], _asked(name)))


def unlike(name: str, table: Table | None, hook: str, *chains: str) -> tuple[Difference, ...]:
    """What is not as planned of a table by itself: `hook` is how its first chain hangs in it."""
    if table is None:
        return (Difference("kernel", f"table inet {name}", "no such table"),)
    hooks = (f"{chain}: {words}" for chain, words in table.hooks.items())
    return (
        *same("flags of the table", "", table.flags),
        *sets("chain", chains, table.chains),
        *sets("hook", (f"{chains[0]}: {hook}",), hooks),
    )


def _table(items: list[dict[str, Any]]) -> Table:
    hooks: dict[str, str] = {}
    chains: dict[str, list[str]] = {}
    flags = ""
    for item in items:
        if "table" in item:
            # dormant, and 1.0.6 shows another word for it
            flags = str(item["table"].get("flags", ""))
        elif "chain" in item:
            chain = item["chain"]
            chains[chain["name"]] = []
            if "hook" in chain:
                words = (chain["type"], chain["hook"], chain["prio"], chain["policy"])
                hooks[chain["name"]] = " ".join(map(str, words))
        elif "rule" in item:
            body = item["rule"]
            chains[body["chain"]].append(rule(body["expr"]))
    return Table(hooks, {name: tuple(rules) for name, rules in chains.items()}, flags)


def rule(expressions: list[dict[str, Any]]) -> str:
    """One rule in one line."""
    return " ".join(_words(expressions))


def _words(expressions: list[dict[str, Any]]) -> Iterator[str]:
    """One word or phrase for each part of a rule; counters and comments change nothing."""
    for expression in expressions:
        ((name, body),) = expression.items()
        if name == "match":
            yield _match(body)
        elif name in ("goto", "jump"):
            yield f"{name} {body['target']}"
        elif name not in ("counter", "comment"):
            yield name if body is None else f"{name} {json.dumps(body, sort_keys=True)}"


def _match(body: Mapping[str, Any]) -> str:
    left, right, operator = body["left"], body["right"], body["op"]
    equals = operator in ("==", "in")
    return f"{_left(left)} {'' if equals else f'{operator} '}{_right(right)}"


def _left(left: Mapping[str, Any]) -> str:
    ((name, body),) = left.items()
    if name == "payload" and set(body) == {"protocol", "field"}:
        return f"{body['protocol']} {body['field']}"
    if name in ("ct", "meta") and set(body) == {"key"}:
        return f"{name} {body['key']}"
    if name == "&":
        return f"{_left(body[0])} &{','.join(sorted(_flags(body[1])))}"
    return json.dumps(left, sort_keys=True)


def _flags(mask: Any) -> Iterator[str]:
    """The words of a mask: a list, or pairs within pairs, as the tool's version has it."""
    if isinstance(mask, dict) and set(mask) == {"|"}:
        mask = mask["|"]
    if isinstance(mask, list):
        for part in mask:
            yield from _flags(part)
    else:
        yield _value(mask)


def _right(right: Any) -> str:
    """Sets in one order; a set of one is that one, as newer kernels' tools make it."""
    if isinstance(right, dict) and set(right) == {"set"}:
        right = right["set"]
    if isinstance(right, list):
        return ",".join(sorted(map(_value, right)))
    return _value(right)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        ((name, body),) = value.items()
        if name == "range":
            return f"{body[0]}-{body[1]}"
        if name == "prefix":
            return address(f"{body['addr']}/{body['len']}")
        return json.dumps(value, sort_keys=True)
    return address(str(value))


def address(word: str) -> str:
    """An address or a network in one form, and every other word as it is."""
    try:
        return str(ip_network(word)) if "/" in word else str(ip_address(word))
    except ValueError:
        return word
