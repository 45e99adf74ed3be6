"""Every rule there is, by id: what `stook explain` and the reference pages show."""

from __future__ import annotations

from collections.abc import Mapping

from generator import accept, bundle, claims, decode, recheck, resolve, source
from generator.components import COMPONENTS
from generator.diagnostics import Rule, table


def rules() -> Mapping[str, Rule]:
    """All rules, sorted by id."""
    own = (source, decode, resolve, claims, accept, recheck, bundle)
    found = [rule for module in own for rule in module.RULES]
    found += [rule for component in COMPONENTS for rule in component.rules]
    return table(sorted(found, key=lambda rule: rule.id))
