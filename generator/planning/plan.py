"""Site to plan: every claim, every expectation and every prediction, before a byte is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.claims import Claims, Package, Port, overlaps
from generator.language.findings import Finding, Rule
from generator.planning.component import Copies, Resolved, StatusMessage, Task
from generator.planning.expect import stamped
from generator.planning.site import Site
from verify.contract import Expectation, ExternalService, Prediction

DANGLING = Rule(
    "B111",
    "a check that hangs on one that there is not",
    "This is a bug of Stook's: the check would be taken for blocked, or asked too early.",
    "please report it with the spec; nothing was written",
)
RULES = (DANGLING,)


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What each node gets and is held to; `shared` and `facts` go to site.json, `extras` beside.

    `tasks` are those of the predictions' run-books, in their order; `remarks` are by node.
    """

    site: Site
    claims: Claims
    expectations: Mapping[str, tuple[Expectation, ...]]
    shared: Mapping[str, object]
    facts: Mapping[str, object]
    predictions: tuple[Prediction, ...]
    extras: Mapping[str, str]
    status_messages: tuple[StatusMessage, ...] = ()
    external: tuple[ExternalService, ...] = ()
    copies: tuple[Copies, ...] = ()
    tasks: tuple[tuple[Task, ...], ...] = ()
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def packages(self, node: str) -> tuple[str, ...]:
        """The packages of a node, sorted."""
        return tuple(sorted(claim.name for claim in self.claims.of(Package, node)))


def plan(site: Site, parts: Sequence[Resolved]) -> tuple[SitePlan, tuple[Finding, ...]]:
    """Claim, settle, review, expect, predict; with a finding for claims that disagree."""
    claims = Claims()
    for part in parts:
        claims.add(part.claim())
    claims.add([claim for part in parts for claim in part.settle(claims)])
    wrong = [finding for part in parts for finding in part.review(claims)]
    extras = {name: text for part in parts for name, text in part.extras().items()}
    predictions, tasks = _predictions(parts, claims)
    made = SitePlan(
        site=site,
        claims=claims,
        expectations=_expectations(site, parts, claims),
        shared=_merged(part.shared(claims) for part in parts),
        facts=_facts(site, parts, claims, extras),
        predictions=predictions,
        extras=extras,
        status_messages=tuple(message for part in parts for message in part.status_messages()),
        external=tuple(service for part in parts for service in part.external()),
        copies=tuple(one for part in parts for one in part.copies()),
        tasks=tasks,
        remarks={
            node: tuple(text for part in parts for text in part.remarks(node))
            for node in site.nodes
        },
    )
    unlike = (*claims.conflicts, *overlaps(site.nodes, claims))
    return made, (*unlike, *wrong, *dangling(made.expectations))


def _predictions(
    parts: Sequence[Resolved], claims: Claims
) -> tuple[tuple[Prediction, ...], tuple[tuple[Task, ...], ...]]:
    """Each component sees what those before it predict: what it stands on."""
    rows: tuple[Prediction, ...] = ()
    tasks: tuple[tuple[Task, ...], ...] = ()
    for part in parts:
        own = tuple(part.predict(claims, rows))
        tasks += tuple(tuple(part.run_book(row)) for row in own)
        rows += own
    return rows, tasks


def _expectations(
    site: Site, parts: Sequence[Resolved], claims: Claims
) -> Mapping[str, tuple[Expectation, ...]]:
    """All that a node is checked for, by node, sorted by id."""
    by_node = {node: [stamped(site, node), *claimed(site, claims, node)] for node in site.nodes}
    for part in parts:
        for one in part.expect(claims):
            by_node[one.node].append(one)
    return {node: tuple(sorted(ones, key=lambda e: e.id)) for node, ones in by_node.items()}


def claimed(site: Site, claims: Claims, node: str) -> Iterator[Expectation]:
    """What one node is checked for because of its claims."""
    for form in claims.types():
        for claim in claims.of(form, node):
            for one in claim.expectations(site, claims):
                yield replace(one, holds=(claim.held,))


def dangling(expectations: Mapping[str, Iterable[Expectation]]) -> Iterator[Finding]:
    """Needs that name no expectation of the site."""
    every = [one for ones in expectations.values() for one in ones]
    ids = {one.id for one in every}
    for one in every:
        for missing in (need for need in one.needs if need not in ids):
            yield DANGLING.at((), f"`{one.id}` needs `{missing}`, which is no check")


def _facts(
    site: Site, parts: Sequence[Resolved], claims: Claims, extras: Iterable[str]
) -> Mapping[str, object]:
    every = {"admitted": admitted_networks(site, claims)} | _merged(part.facts() for part in parts)
    # so that a later build knows what of the folder is its own
    return every | ({"extras": sorted(extras)} if extras else {})


def _merged(mappings: Iterable[Mapping[str, object]]) -> dict[str, object]:
    return {key: value for mapping in mappings for key, value in mapping.items()}


def admitted_networks(site: Site, claims: Claims) -> list[str]:
    """Networks that some port is open to, beside this site's machines: no probe from there counts.

    Nodes share those lists, so each is looked at once.
    """
    lists = {
        id(p.allowed_from): p.allowed_from for node in site.nodes for p in claims.of(Port, node)
    }
    own = {address for node in site.nodes.values() for address in node.addresses.values()}
    return sorted({source for one in lists.values() for source in one} - own - {"127.0.0.1/32"})
