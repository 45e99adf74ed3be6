"""sudo lets no account do more than the rules of the spec give it, wherever it has its own from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import OneLine
from verify.plain import ContractError, typed
from verify.readers.answers import ABSENT, text
from verify.readers.compare import extra


@dataclass(frozen=True, slots=True)
class Want:
    """Each rule that may be there as `WHO ALL=RULE`, the latter as `sudo -l` prints it."""

    rules: tuple[OneLine, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The rules and the groups of each account that sudo has a rule for.

    `sources` are where sudo looks for rules, `plugins` what decides instead of its own.
    """

    rights: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]
    sources: tuple[str, ...] = ("files",)
    plugins: tuple[str, ...] = ()


ASKED = "sudo -l -U"


def commands(want: Want) -> Mapping[str, Command]:
    """sudo is asked for each account, and for the members of each group that a rule names."""
    named = (_who(rule).removeprefix("%") for rule in want.rules if rule.startswith("%"))
    typed = "sudo -n -l -U ACCOUNT, for each of getent passwd and each member of a named group"
    words = (ABSENT, *dict.fromkeys(named))
    return {"rights": probes.ask("sudo_rights", *words, typed=typed, timeout=60)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Where there is no sudo, it lets nobody do anything."""
    printed = text(outputs["rights"], ASKED, codes=(0, ABSENT))
    if outputs["rights"].code == ABSENT:
        return Seen({}, {})
    try:
        data = json.loads(printed)
        asked = typed(int, data["asked"], ASKED)
        rights, groups = (
            typed(dict[str, tuple[str, ...]], data[name], name) for name in ("rights", "groups")
        )
        lists = [typed(tuple[str, ...], data[name], name) for name in ("sources", "plugins")]
    except (ValueError, TypeError, KeyError, ContractError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    if asked < 1:
        raise Unreadable(f"{ASKED}: no account at all, not even root's")
    return Seen(rights, groups, *lists)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A rule that is not there is another kind's question: this one sees what is beyond."""
    return (
        *extra("right", (right for name in seen.rights for right in _beyond(want, seen, name))),
        *extra("source of rules", set(seen.sources) - {"files"}),
        *extra("plugin", seen.plugins),
    )


def _beyond(want: Want, seen: Seen, name: str) -> Iterator[str]:
    mine = {name, "ALL", *(f"%{group}" for group in seen.groups.get(name, ()))}
    allowed = {rule.partition(" ALL=")[2] for rule in want.rules if _who(rule) in mine}
    yield from (f"{name} {rule}" for rule in seen.rights[name] if rule not in allowed)


def _who(rule: str) -> str:
    return rule.partition(" ALL=")[0]
