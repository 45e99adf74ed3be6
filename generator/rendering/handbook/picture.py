"""A site as a drawing: zones, nodes, who may reach what there, disks, and where copies lie.

Each set of stores is a line of its own, beside the nodes, so that nothing is drawn over a box: a
full dot is a store on it, a hollow one is a mount. Positions are whole units; text is set in a
font whose letters are equally wide.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from generator.claims import Mount, Port, listed
from generator.planning.plan import SitePlan
from generator.rendering.handbook import tables

# More than these cannot be followed with the eye.
MOST_NODES, MOST_LANES = 24, 8
BOX, ROW, LANE, GAP, EDGE = 300, 18, 14, 10, 8
LETTER = 7.3
ACROSS = 3


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text, cut to its room; `whole` is what it was cut from."""

    x: int
    y: int
    text: str
    whole: str
    kind: str


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    x1: int
    y1: int
    x2: int
    y2: int
    kind: str


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    kind: str


@dataclass(slots=True)
class Drawing:
    """What is drawn, in units of a pixel."""

    name: str
    width: int = 0
    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def write(self, x: int, y: int, text: str, room: int, kind: str) -> None:
        """Text that begins at `x`, on the line at `y`, in so much room."""
        most = int(room / LETTER)
        fitting = text if len(text) <= most else f"{text[: most - 1]}…"
        self.texts.append(Text(x, y, fitting, text, kind))


@dataclass(frozen=True, slots=True)
class Lane:
    """A line that stores of the same copies are on; `uses` are places of the spec that use it."""

    kind: str
    label: str
    stores: frozenset[tuple[str, str]]
    uses: tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line in a node's box; `joins` are the lanes that it is on, and `how` it is."""

    text: str
    kind: str = "plain"
    indent: int = 0
    joins: tuple[Lane, ...] = ()
    how: str = "store"


def pictures(plan: SitePlan) -> tuple[Drawing, ...]:
    """One for wide and one for narrow pages; none of a site that is too large to be drawn."""
    lanes = _lanes(plan)
    if len(plan.site.nodes) > MOST_NODES or len(lanes) > MOST_LANES:
        return ()
    return _drawn(plan, lanes, "wide", ACROSS), _drawn(plan, lanes, "narrow", 1)


def _lanes(plan: SitePlan) -> tuple[Lane, ...]:
    """What lies on the same stores is one line."""
    subjects: dict[frozenset[tuple[str, str]], list[int]] = {}
    for number, one in enumerate(plan.copies):
        subjects.setdefault(frozenset((s.node, s.name + s.on) for s in one.stores), []).append(
            number
        )
    lanes: list[Lane] = []
    for stores, numbers in subjects.items():
        some = [plan.copies[number] for number in numbers]
        rules = list(dict.fromkeys(one.rule for one in some))
        label = f"{listed([one.subject for one in some])}: {' or '.join(rules)}"
        lanes.append(Lane(f"lane{len(lanes)}", label, stores, tuple(one.path for one in some)))
    return tuple(lanes)


def _rows(plan: SitePlan, lanes: Sequence[Lane], node: str) -> Iterator[Row]:
    yield Row(" ".join(plan.site.nodes[node].addresses.values()), "dim")
    yield from _doors(plan, node)
    stores = {s.name + s.on: s for one in plan.copies for s in one.stores if s.node == node}
    for disk in plan.site.by_node[node]:
        yield from _disk(f"{disk.device} is", disk.mount)
        for key, store in stores.items():
            if store.on == disk.mount:
                yield Row(store.name, indent=1, joins=_on(lanes, node, key))
    mounts = {disk.mount for disk in plan.site.by_node[node]}
    for key, store in stores.items():
        if store.on not in mounts:
            yield Row(f"{store.name} on {store.on}", joins=_on(lanes, node, key))
    for mount in plan.claims.of(Mount, node):
        uses = tuple(
            lane for lane in lanes for path in lane.uses if mount.spec[: len(path)] == path
        )
        if mount.path not in mounts:
            yield Row(f"{mount.path} from {mount.source}", joins=uses, how="use")


def _disk(device: str, mount: str) -> Iterator[Row]:
    """On one line where there is room."""
    if len(f"{device} {mount}") <= (BOX - 2 * GAP) / LETTER:
        yield Row(f"{device} {mount}")
    else:
        yield Row(device)
        yield Row(mount, indent=1)


def _on(lanes: Sequence[Lane], node: str, key: str) -> tuple[Lane, ...]:
    return tuple(lane for lane in lanes if (node, key) in lane.stores)


def _doors(plan: SitePlan, node: str) -> Iterator[Row]:
    """What others may reach, by daemon and by who they are."""
    networks = tables.networks(plan)
    ports: dict[tuple[str, str], list[str]] = {}
    for claim in plan.claims.of(Port, node):
        if not claim.allowed_from or not all(map(_near, claim.allowed_from)):
            label, process, who = claim.cells(plan.site)
            who = ", ".join(networks.get(one, one) for one in who.split(", "))
            ports.setdefault((process, who), []).append(label.removesuffix("-tcp"))
    for (process, who), labels in ports.items():
        yield Row(f"{process} {', '.join(labels)} < {who}", "door")


def _near(source: str) -> bool:
    """Whether nobody but the machine itself, or its link, comes from there."""
    network = ipaddress.ip_network(source)
    return network.is_loopback or network.is_link_local


def _columns(plan: SitePlan, across: int) -> list[tuple[str, tuple[str, ...]]]:
    """Zones with their nodes; nodes of no zones side by side."""
    zones: dict[str, list[str]] = {}
    for node in plan.site.nodes.values():
        zones.setdefault(node.zone, []).append(node.name)
    if len(zones) > 1:
        return [(f"zone {zone}" if zone else "no zone", (*names,)) for zone, names in zones.items()]
    ((zone, names),) = zones.items()
    tall = -(-len(names) // across)
    title = f"zone {zone}" if zone else ""
    return [(title, (*names[i : i + tall],)) for i in range(0, len(names), tall)]


def _drawn(plan: SitePlan, lanes: Sequence[Lane], name: str, across: int) -> Drawing:
    drawing = Drawing(name)
    columns = _columns(plan, across)
    y = EDGE
    for first in range(0, len(columns), across):
        y = _band(plan, drawing, lanes, columns[first : first + across], y) + 2 * GAP
    for service in plan.external:
        hosts = ", ".join(f"{host}:{service.port}" for host in service.hosts)
        y += ROW
        drawing.write(EDGE, y - 5, f"elsewhere: {service.service} {hosts}", BOX, "dim")
    ends = (*(b.x + b.width for b in drawing.boxes), *(line.x2 for line in drawing.lines))
    drawing.width = max(ends) + EDGE
    drawing.height = y + EDGE
    return drawing


def _band(
    plan: SitePlan,
    drawing: Drawing,
    lanes: Sequence[Lane],
    columns: Sequence[tuple[str, tuple[str, ...]]],
    top: int,
) -> int:
    """Columns side by side below the lines that they are on; returns where it ends."""
    heights = {lane.kind: top + 24 * (i + 1) for i, lane in enumerate(lanes)}
    begin = top + 24 * len(lanes) + (GAP if lanes else 0)
    wide = BOX + 2 * GAP + LANE * (len(lanes) + 1)
    ends: dict[str, int] = {}
    bottom = begin
    for number, (title, names) in enumerate(columns):
        x, y = EDGE + GAP + number * wide, begin
        if title:
            y += ROW + GAP
        dots: dict[str, int] = {}
        for node in names:
            y = _node(plan, drawing, lanes, node, x, y, dots) + GAP
        if title:
            drawing.boxes.insert(0, Box(x - GAP, begin, BOX + 2 * GAP, y - begin, "zone"))
            drawing.write(x, begin + ROW, title, BOX, "dim")
        for kind, last in dots.items():
            ends[kind] = x + BOX + _away(lanes, kind)
            drawing.lines.append(Line(ends[kind], heights[kind], ends[kind], last, kind))
        bottom = max(bottom, y)
    for lane in lanes:
        if lane.kind in ends:
            y = heights[lane.kind]
            drawing.lines.append(Line(EDGE, y, ends[lane.kind], y, lane.kind))
            drawing.write(EDGE, y - 6, lane.label, ends[lane.kind] - EDGE, "plain")
    return bottom


def _away(lanes: Sequence[Lane], kind: str) -> int:
    """How far a line runs to the right of the boxes."""
    return GAP + LANE * (1 + [lane.kind for lane in lanes].index(kind))


def _node(
    plan: SitePlan,
    drawing: Drawing,
    lanes: Sequence[Lane],
    node: str,
    x: int,
    top: int,
    dots: dict[str, int],
) -> int:
    """A node's box; `dots` is told of the last dot on each line. Returns where the box ends."""
    y = top + ROW
    drawing.write(x + GAP, y, node, BOX - 2 * GAP, "name")
    for row in _rows(plan, lanes, node):
        y += ROW
        left = x + GAP + 14 * row.indent
        drawing.write(left, y, row.text, x + BOX - GAP - left, row.kind)
        for lane in row.joins:
            right = x + BOX + _away(lanes, lane.kind)
            drawing.lines.append(Line(x + BOX, y - 4, right, y - 4, f"{lane.kind} join"))
            drawing.dots.append(Dot(right, y - 4, f"{lane.kind} {row.how}"))
            dots[lane.kind] = y - 4
    drawing.boxes.append(Box(x, top, BOX, y + GAP - top, "node"))
    return y + GAP
