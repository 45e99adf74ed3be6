"""Every rule there is, by id: what `stook explain` and the reference pages show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator import accept, bundle, claims, decode, plan, recheck, resolve, source
from generator.components import TABLE, Entry
from generator.diagnostics import Rule
from generator.diagnostics import table as by_id

STAGES = (source, decode, resolve, claims, plan, accept, recheck, bundle)


def rules(table: Iterable[Entry] = TABLE) -> Mapping[str, Rule]:
    """All rules, sorted by id."""
    found = [rule for stage in STAGES for rule in stage.RULES]
    found += [rule for entry in table for rule in entry.load().rules]
    return by_id(sorted(found, key=lambda rule: rule.id))


def known(rule: str, table: Iterable[Entry] = TABLE) -> bool:
    """Whether there is a rule of that id; only components whose ids begin so are asked."""
    return rule in rules([entry for entry in table if rule[:1] in entry.letters])
