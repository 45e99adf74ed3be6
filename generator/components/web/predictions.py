"""What still works with a part of the web tier down."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claims, Mount, mount_of
from generator.components.web.layout import Layout
from generator.planning.site import Site
from verify.contract import Prediction


def predict(
    site: Site, tier: Layout, claims: Claims, before: tuple[Prediction, ...]
) -> Iterator[Prediction]:
    """One row for every node and zone of the tier or of its files, and one for the database."""
    volume = _volume(tier, claims)
    own = not volume
    files = {row.down: row for row in before if row.subject == volume}
    cases: dict[str, tuple[str, ...]] = {f"node {name}": (name,) for name in tier.nodes}
    cases |= {f"zone {zone}": names for zone, names in site.zones(tier.nodes).items()}
    # what is down as one for its files is so for it as well, with other nodes or with these
    cases |= {what: row.nodes for what, row in files.items()}
    for what, down in cases.items():
        row = files.get(what)
        if row and what.startswith("any "):
            yield _any(tier, row)
        else:
            yield _without(tier, what, down, row, own)
    host = tier.spec.database.host
    why = "without its database WordPress answers nothing that is not in a cache"
    yield _row(tier, f"database {host}", (), (False, False), why, among=tier.nodes)


def _volume(tier: Layout, claims: Claims) -> str:
    """The volume that the document root is on; "" where it is on each node's own disk."""
    mounts = (mount_of(tier.root, claims.of(Mount, name)) for name in tier.nodes)
    sources = [mount.source for mount in mounts if mount and mount.late]
    return sources[0].partition(":/")[2] if sources else ""


def _any(tier: Layout, files: Prediction) -> Prediction:
    """So many nodes down, whichever they are: as many of the tier's as there are, at the worst."""
    shared = sum(name in files.among for name in tier.nodes)
    lost = min(len(files.nodes), shared)
    left = len(tier.nodes) - lost
    read, write = files.read and left > 0, files.write and left > 0
    why = (
        f"at least {left} of {len(tier.nodes)} serve"
        if left > 0
        else "no node may be left to serve"
    )
    if left > 0 and not files.write:
        why = f"their files are gone: {files.why}" if not files.read else f"{why}; {files.why}"
    if read and lost and not tier.proxied:
        why += "; whoever has the address of one that is down gets nothing"
    stall = files.stall_seconds if read else 0
    among = tuple(dict.fromkeys((*files.among, *tier.nodes)))
    return _row(tier, files.down, files.nodes, (read, write), why, stall, among)


def _nobody(tier: Layout, down: tuple[str, ...]) -> str:
    return f"{down[0]} alone serves" if len(tier.nodes) == 1 else "no other node serves"


def _without(
    tier: Layout, what: str, down: tuple[str, ...], files: Prediction | None, own: bool
) -> Prediction:
    """What is `own` is a copy of the files for each node, on its own disk."""
    others = [name for name in tier.nodes if name not in down]
    serve = "serves" if len(others) == 1 else "serve"
    why = f"{', '.join(others)} {serve}" if others else _nobody(tier, down)
    read = bool(others)
    write = read
    if others and files:
        read, write = files.read, files.write
        if not read:
            why = f"their files are gone: {files.why}"
        elif not write:
            why += f" what is there; {files.why}"
    elif others and own:
        why += ", each with files of its own"
    gone = [name for name in tier.nodes if name in down]
    if read and gone and not tier.proxied:
        why += f"; whoever has the address of {' or '.join(gone)} gets nothing"
    if read and tier.elected in down:
        why += "; WordPress itself is not upgraded meanwhile"
    stall = files.stall_seconds if files and others else 0
    hit = () if gone else tier.nodes
    return _row(tier, what, down, (read, write), why, stall, hit)


def _row(
    tier: Layout,
    what: str,
    down: tuple[str, ...],
    works: tuple[bool, bool],
    why: str,
    stall: int = 0,
    among: tuple[str, ...] = (),
) -> Prediction:
    url = tier.spec.wordpress.url
    return Prediction("web", url, what, down, *works, why, stall, among)
