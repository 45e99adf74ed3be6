"""Nothing but the plan lets packets in or sends them elsewhere, whoever made the rules.

What another table accepts opens nothing, since a packet has to pass every table that hooks it, and
what it refuses is its own affair: such tables are named. What turns a packet on its way in passes
by every rule for its port, and is a difference wherever it stands; so is what has the kernel expect
connections, from whatever hook, since those are let in as related to one that there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Address, Word
from verify.readers import ruleset, skeleton
from verify.readers.compare import extra, same
from verify.readers.firewalld import network


@dataclass(frozen=True, slots=True)
class Want:
    """The table of ours, of family inet; where it is firewalld's, its zones and their sources.

    The last zone is the default one. What stands in a table of our own is compared by `nft_table`,
    what a zone lets in by `zone`.
    """

    table: Word
    zones: tuple[Word, ...] = ()
    sources: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether our table is there, and what else there is.

    `flags`, `beyond` and `sources` are firewalld's: flags that its table has not by itself, rules
    that no zone explains, addresses that it tells apart. `turning` are rules of any table that
    turn packets or have some expected, `others` the other tables on the way in, with all that
    their rules end in.
    """

    there: bool
    flags: tuple[str, ...]
    beyond: tuple[str, ...]
    sources: tuple[str, ...]
    turning: tuple[str, ...]
    others: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel alone; old tables of iptables are asked by their own program."""
    return {"kernel": Command(ruleset.NFT), "legacy": Command(ruleset.LEGACY)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Every rule that a packet may meet on its way in."""
    tables = ruleset.tables(outputs["kernel"])
    name = f"inet {want.table}"
    ours = tables.pop(name, None)
    others = tables | ruleset.legacy(outputs["legacy"])
    whole = others | ({name: ours} if ours else {})
    rules = [(chain, rule.line) for chain, rule in ours.way_in()] if ours else []
    firewalld = ours if name == skeleton.TABLE else None
    return Seen(
        there=ours is not None,
        flags=tuple(sorted(firewalld.flags - skeleton.FLAGS)) if firewalld else (),
        beyond=skeleton.beyond(rules, want.zones) if firewalld else (),
        sources=tuple(sorted(skeleton.sources(rules))) if firewalld else (),
        turning=tuple(
            f"{table} {chain}: {ruleset.ports(rule.line)}"
            for table, one in whole.items()
            for chain, rule in one.turning()
        ),
        others=tuple(f"{table}: {_does(one)}" for table, one in others.items() if one.way_in()),
    )


def _does(table: ruleset.Table) -> str:
    verdicts = {rule.verdict for _, rule in table.way_in()} - {""}
    return ", ".join(sorted(verdicts)) or "nothing"


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A rule more in firewalld's table is as wrong as in a table of our own."""
    if not seen.there:
        return (Difference("kernel", f"table inet {want.table}", "no such table"),)
    turning = {one.removeprefix(f"{skeleton.TABLE} ") for one in seen.turning}
    lines = map(ruleset.ports, seen.beyond)
    strangers = set(seen.sources) - set(map(network, want.sources))
    return (
        *same("flags of the table", (), seen.flags),
        *extra("rules on the way in", set(lines) - turning),
        *extra("sources with a way in of their own", strangers),
        *extra("turned on the way in", seen.turning),
    )
