"""A plan in rows of words, for its text and for its page; equal rows of several nodes are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from generator.claims import TYPES, Block, Claim, Egress, File, Port, Unit, listed
from generator.language.findings import dotted
from generator.planning.component import Task
from generator.planning.plan import SitePlan
from generator.rendering.userdata import LIMITS

if TYPE_CHECKING:
    from generator.rendering.render import RenderedSite

Row = tuple[str, ...]

# Of more nodes that are handed the same, only the one with most user-data is shown.
MOST_SIZES = 16


def nodes(plan: SitePlan) -> list[Row]:
    """Node, addresses, zone, platform."""
    return [
        (n.name, " ".join(n.addresses.values()), n.zone or "-", n.platform.platform)
        for n in plan.site.nodes.values()
    ]


def types_of(plan: SitePlan) -> list[type[Claim]]:
    """The types of claims that a plan shows, those of components' own after the others."""
    return [form for form in dict.fromkeys((*TYPES, *plan.claims.types())) if form.plural]


def claimed(plan: SitePlan, form: type[Claim]) -> list[Row]:
    """All claims of a type: its own columns, on, spec key."""
    rows: dict[tuple[Row, str], list[str]] = {}
    for node in plan.site.nodes:
        for claim in plan.claims.of(form, node):
            rows.setdefault((claim.cells(plan.site), dotted(claim.spec)), []).append(node)
    return [(*cells, on(plan, names), spec) for (cells, spec), names in rows.items()]


def on(plan: SitePlan, names: Sequence[str]) -> str:
    """Some nodes, by name unless there are many."""
    every = len(plan.site.nodes)
    return "all nodes" if len(names) == every else listed(names)


def networks(plan: SitePlan) -> dict[str, str]:
    """The spec's name of each block of a network."""
    return {str(block): name for name, its in plan.site.networks.items() for block in its}


def reach(plan: SitePlan) -> list[Row]:
    """Who, may reach what, on whom, spec key: by who it is, everybody first."""
    known = {block: f"{name} ({block})" for block, name in networks(plan).items()}
    rows = [
        (", ".join(known.get(one, one) for one in who.split(", ")), f"{label} {process}", *where)
        for label, process, who, *where in claimed(plan, Port)
    ]
    order = list(dict.fromkeys(who for who, *_ in rows))
    return sorted(rows, key=lambda row: (row[0] != "everybody", order.index(row[0])))


def ways_out(plan: SitePlan) -> list[Row]:
    """Who on a node alone may connect, to what port of any machine, on whom, spec key."""
    return [(who, f"{label}-tcp", names, spec) for label, who, names, spec in claimed(plan, Egress)]


def used(plan: SitePlan) -> list[Row]:
    """What the site uses and does not run: service, where, spec key."""
    return [
        (one.service, ", ".join(f"{host} port {one.port}" for host in one.hosts), one.name)
        for one in plan.external
    ]


def files(plan: SitePlan) -> list[Row]:
    """Node, how many files, units."""
    rows: list[Row] = []
    for node in plan.site.nodes:
        number = len(plan.claims.of(File, node)) + len(plan.claims.of(Block, node))
        units = " ".join(u.name.removesuffix(".service") for u in plan.claims.of(Unit, node))
        rows.append((node, str(number), units))
    return rows


def sizes(plan: SitePlan, rendered: RenderedSite, *, packed: bool = True) -> list[Row]:
    """Node, bytes of user-data, with `packed` those compressed, the limit, what to hand over.

    Compressors differ: what is committed names no compressed sizes.
    """
    provider = plan.site.provider
    limit, counted = LIMITS[provider]
    limit_text = "none" if limit is None else f"{limit} ({counted})"
    ways: dict[str, list[str]] = {}
    for node, size in rendered.sizes.items():
        plain = size.fits(provider, compressed=False)
        file = "user-data" if plain else "user-data.gz"
        file = file if plain or size.fits(provider, compressed=True) else "does not fit"
        ways.setdefault(file, []).append(node)
    rows: list[Row] = []
    for file, names in ways.items():
        # to compress what nobody hands over takes most of the time of a large plan
        largest = max(names, key=lambda node: rendered.sizes[node].raw)
        for node in names if len(names) <= MOST_SIZES else [largest]:
            size = rendered.sizes[node]
            name = node if len(names) <= MOST_SIZES else f"{node}, largest of {len(names)}"
            compressed = (str(size.gzip),) if packed else ()
            rows.append((name, str(size.raw), *compressed, limit_text, file))
    return rows


def status_messages(plan: SitePlan) -> list[Row]:
    """To what command, what, when, why; of anything else checks say that it was not planned."""
    return [
        (message.command, message.what, message.when, message.why)
        for message in plan.status_messages
    ]


def predictions(plan: SitePlan) -> list[Row]:
    """Down, what, reads, writes, stalls, why: first of one subject, then those of several."""
    return [row for row, _ in outages(plan)]


def outages(plan: SitePlan) -> list[tuple[Row, tuple[Task, ...]]]:
    """The same rows, each with the steps of its run-book."""
    by_row: dict[Row, list[tuple[str, tuple[Task, ...]]]] = {}
    for p, tasks in zip(plan.predictions, plan.tasks, strict=True):
        stall = f"{p.stall_seconds} s" if p.read and p.stall_seconds else "-"
        row = (p.subject, _yes(p.read), _yes(p.write), stall, p.why)
        by_row.setdefault(row, []).append((p.down, tasks))
    merged: dict[Row, list[tuple[str, tuple[Task, ...]]]] = {}
    for (subject, *rest), cases in by_row.items():
        key = (_any([down for down, _ in cases]), *rest)
        steps = tuple(task for _, tasks in cases for task in tasks)
        merged.setdefault(key, []).append((subject, steps))
    return [
        (
            (down, ", ".join(subject for subject, _ in some), *rest),
            in_order(task for _, tasks in some for task in tasks),
        )
        for (down, *rest), some in merged.items()
    ]


def in_order(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Steps of several cases, each once; what gives something up is the last resort of all."""
    return tuple(sorted(dict.fromkeys(tasks), key=lambda task: task.lost))


def _any(names: Sequence[str]) -> str:
    return " or ".join(names[:4]) + (f" or one of {len(names) - 4} more" if len(names) > 4 else "")


def _yes(value: bool) -> str:
    return "yes" if value else "NO"


def copies(plan: SitePlan) -> Iterator[Row]:
    """Of what, by what rule, what has it, where, on which node."""
    for one in plan.copies:
        stores: dict[Row, list[str]] = {}
        for store in one.stores:
            stores.setdefault((store.part, store.name, store.on), []).append(store.node)
        for (part, name, place), names in stores.items():
            yield one.subject, one.rule, part, name, place, ", ".join(names)
