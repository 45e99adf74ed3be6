"""Everything that filters or turns packets in the kernel, of whatever program.

`nft -j list ruleset` has all families and also what iptables-nft made; what iptables-legacy made
is in tables of its own, which nft does not see.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from verify.contract import Output, Unreadable
from verify.readers import nftables
from verify.readers.answers import WRONG, text

NFT = "nft -j list ruleset"
# Empty where no table is in use. Without the program, such tables cannot be read: its exit code
# says that it was not found.
LEGACY = """# iptables-legacy-save; ip6tables-legacy-save
for family in ip ip6; do
  names=/proc/net/${family}_tables_names
  [ -e "$names" ] || continue
  used=$(cat "$names") || exit 1
  [ -n "$used" ] || continue
  echo "family $family"
  "${family}tables-legacy-save" || exit $?
done
echo end"""

WAY_IN = frozenset({"ingress", "prerouting", "input"})
"""The hooks that a packet meets before a program of the node has it."""
HOOKS = WAY_IN | {"forward", "output", "postrouting"}

# What sends a packet elsewhere than its sender said, makes it look as if it came from elsewhere,
# or hands it to a program. nft(8), STATEMENTS.
TURNING = frozenset({"dnat", "redirect", "tproxy", "snat", "masquerade", "fwd", "queue"})
# What has the kernel expect connections: these are `related`, which every firewall lets in, and it
# does so from any hook, for the node's own packets on their way out, too.
EXPECTING = frozenset({"ct helper", "ct expectation"})
# The same in iptables-extensions(8).
TURNING_TARGETS = frozenset(
    {"DNAT", "REDIRECT", "TPROXY", "NETMAP", "SNAT", "MASQUERADE", "NFQUEUE", "DNPT", "SNPT"}
)
VERDICTS = ("accept", "drop", "reject")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in one line, the chains that it leads to, what it ends in and whether it turns.

    `expects` is whether it has the kernel expect connections that nobody asked for.
    """

    line: str
    targets: tuple[str, ...] = ()
    verdict: str = ""
    turns: bool = False
    expects: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The chains of a table, and the hook of each that packets enter by themselves."""

    flags: frozenset[str]
    hooks: Mapping[str, str]
    chains: Mapping[str, tuple[Rule, ...]]

    def way_in(self) -> tuple[tuple[str, Rule], ...]:
        """Each rule that a packet may meet on its way in, with its chain."""
        return self._reached(WAY_IN)

    def turning(self) -> tuple[tuple[str, Rule], ...]:
        """Each rule that turns packets on their way in, or from any hook has some expected."""
        turning = [one for one in self.way_in() if one[1].turns]
        expecting = (one for one in self._reached(self.hooks.values()) if one[1].expects)
        return tuple(dict.fromkeys((*turning, *expecting)))

    def _reached(self, hooks: Collection[str]) -> tuple[tuple[str, Rule], ...]:
        reached = [name for name, hook in self.hooks.items() if hook in hooks]
        for name in reached:
            leads = (target for rule in self.chains.get(name, ()) for target in rule.targets)
            reached.extend(target for target in dict.fromkeys(leads) if target not in reached)
        return tuple((name, rule) for name in reached for rule in self.chains.get(name, ()))


def tables(output: Output) -> dict[str, Table]:
    """All tables of nft by `FAMILY NAME`."""
    printed = text(output, NFT)
    try:
        return _tables(json.loads(printed)["nftables"])
    except WRONG as error:
        raise Unreadable(f"{NFT}: cannot read {printed[:80]!r} ({error})") from None


def _tables(items: list[dict[str, Any]]) -> dict[str, Table]:
    flags: dict[str, frozenset[str]] = {}
    hooks: dict[str, dict[str, str]] = {}
    chains: dict[str, dict[str, list[Rule]]] = {}
    maps = _maps(items)
    if not any("metainfo" in item for item in items):
        raise ValueError("no metainfo")
    for item in items:
        ((what, body),) = item.items()
        if what == "table":
            table = f"{body['family']} {body['name']}"
            words = body.get("flags", ())
            flags[table] = frozenset([words] if isinstance(words, str) else words)
            hooks[table], chains[table] = {}, {}
        elif what == "chain":
            table = f"{body['family']} {body['table']}"
            chains[table][body["name"]] = []
            if "hook" in body:
                hooks[table][body["name"]] = str(body["hook"])
        elif what == "rule":
            table = f"{body['family']} {body['table']}"
            chains[table][body["chain"]].append(_rule(table, body["expr"], maps))
    return {
        name: Table(flags[name], hooks[name], {k: tuple(v) for k, v in chains[name].items()})
        for name in flags
    }


def _maps(items: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The chains that verdict maps lead to, by `FAMILY TABLE @NAME`."""
    bodies = (item["map"] for item in items if "map" in item)
    return {
        f"{one['family']} {one['table']} @{one['name']}": tuple(_targets(one.get("elem", [])))
        for one in bodies
    }


def _rule(table: str, expressions: list[dict[str, Any]], maps: Mapping[str, Any]) -> Rule:
    named = (maps.get(f"{table} {word}", ()) for word in _strings(expressions) if word[:1] == "@")
    targets = (*_targets(expressions), *(target for one in named for target in one))
    parts = [next(iter(one.items())) for one in expressions]
    words = [str(body.get("name")) if name == "xt" else name for name, body in parts]
    verdict = next((word for word in words if word in VERDICTS), "")
    turns = any(_turns(name, body) for name, body in parts)
    expects = any(_expects(name, body) for name, body in parts)
    return Rule(nftables.rule(expressions), targets, verdict, turns, expects)


def _expects(name: str, body: Any) -> bool:
    return name in EXPECTING or (name == "xt" and (body["type"], body["name"]) == ("target", "CT"))


def _turns(name: str, body: Any) -> bool:
    if name == "xt":
        # a match or a target, and a tool that does not say which says nothing
        return body["type"] == "target" and body["name"] in TURNING_TARGETS
    if name == "mangle":
        return "payload" in body["key"]
    return name in TURNING


def _targets(value: Any) -> Iterator[str]:
    """The chains that anything in these expressions jumps or goes to."""
    if isinstance(value, dict):
        for name, body in value.items():
            if name in ("jump", "goto") and isinstance(body, dict):
                yield str(body["target"])
            else:
                yield from _targets(body)
    elif isinstance(value, list):
        for one in value:
            yield from _targets(one)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for body in value.values():
            yield from _strings(body)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def legacy(output: Output) -> dict[str, Table]:
    """All tables of iptables-legacy by `FAMILY NAME (legacy)`."""
    lines = text(output, "iptables-legacy-save").splitlines()
    if lines[-1:] != ["end"]:
        raise Unreadable("iptables-legacy-save: it does not end")
    family, chains = "", {}
    by_table: dict[str, dict[str, list[Rule]]] = {}
    for line in lines[:-1]:
        if line.startswith("family "):
            family = line.removeprefix("family ")
        elif line.startswith("*"):
            chains = by_table.setdefault(f"{family} {line[1:]} (legacy)", {})
        elif line.startswith(":"):
            chains.setdefault(line[1:].split(" ")[0], [])
        elif line.startswith("-A "):
            _, chain, *rest = _split(line)
            chains.setdefault(chain, []).append(_legacy_rule(" ".join(rest), rest))
        elif line and line != "COMMIT" and not line.startswith("#"):
            raise Unreadable(f"iptables-legacy-save: cannot read {line[:80]!r}")
    return {
        name: Table(
            frozenset(),
            {chain: chain.lower() for chain in by_chain if chain.lower() in HOOKS},
            {chain: tuple(rules) for chain, rules in by_chain.items()},
        )
        for name, by_chain in by_table.items()
        if any(by_chain.values())
    }


def _split(line: str) -> list[str]:
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    if len(words) < 2:
        raise Unreadable(f"iptables-legacy-save: cannot read {line[:80]!r}")
    return words


def _legacy_rule(line: str, words: list[str]) -> Rule:
    leads = tuple(after for word, after in pairwise(words) if word in ("-j", "-g"))
    verdict = next((word.lower() for word in leads if word.lower() in VERDICTS), "")
    turns = bool(TURNING_TARGETS.intersection(leads))
    return Rule(line, leads, verdict, turns, "--helper" in words)


def ports(line: str) -> str:
    """A rule with its ports as the spec and firewalld write them: `3306/tcp`."""
    line = re.sub(r"\b(tcp|udp|sctp|dccp) dport (\S+)", r"\2/\1", line)
    return re.sub(r"-p (tcp|udp|sctp|dccp)(?: -m \1)? --dport (\S+)", r"\2/\1", line)
