"""Site to plan: every claim, every expectation and every prediction, before a byte is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.claims import Claims, Package, Port
from generator.component import Saying
from generator.components import COMPONENTS
from generator.diagnostics import Finding
from generator.expect import expectations
from generator.site import Site
from verify.contract import Expectation


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What each node gets and is held to; `shared` and `facts` go to site.json, `extras` beside."""

    site: Site
    claims: Claims
    expectations: Mapping[str, tuple[Expectation, ...]]
    shared: Mapping[str, Any]
    facts: Mapping[str, Any]
    predictions: tuple[Mapping[str, Any], ...]
    extras: Mapping[str, str]
    says: tuple[Saying, ...] = ()

    def packages(self, node: str) -> tuple[str, ...]:
        """The packages of a node, sorted."""
        return tuple(sorted(claim.name for claim in self.claims.of(Package, node)))


def plan(site: Site) -> tuple[SitePlan, tuple[Finding, ...]]:
    """Claim, settle, review, expect, predict; with a finding for claims that disagree."""
    claims = Claims()
    for component in COMPONENTS:
        claims.add(component.claim(site))
    settled = [claim for component in COMPONENTS for claim in component.settle(site, claims)]
    claims.add(settled)
    found_wrong = [f for component in COMPONENTS for f in component.review(site, claims)]
    expected = {node: list(expectations(site, claims, node)) for node in site.nodes}
    shared: dict[str, Any] = {}
    facts: dict[str, Any] = {
        "time_servers": list(site.spec.time.servers if site.spec.time else ()),
        "admitted": admitted(site, claims),
    }
    predictions: list[Mapping[str, Any]] = []
    says: list[Saying] = []
    extras: dict[str, str] = {}
    for component in COMPONENTS:
        for item in component.expect(site, claims):
            expected[item.node].append(item)
        shared |= component.shared(site, claims)
        facts |= component.facts(site)
        predictions += component.predict(site)
        says += component.says(site)
        extras |= component.extras(site)
    if extras:
        # so that a later build knows what of the folder is its own
        facts["extras"] = sorted(extras)
    found = {node: tuple(items) for node, items in expected.items()}
    made = SitePlan(site, claims, found, shared, facts, tuple(predictions), extras, tuple(says))
    return made, (*claims.conflicts, *found_wrong)


def admitted(site: Site, claims: Claims) -> list[str]:
    """Networks that some port is open to, beside this site's machines: no probe from there counts.

    Nodes share their lists of sources, so each is looked at once.
    """
    lists = {id(p.sources): p.sources for node in site.nodes for p in claims.of(Port, node)}
    own = {address for node in site.nodes.values() for address in node.addresses.values()}
    return sorted({source for one in lists.values() for source in one} - own - {"127.0.0.1/32"})
