"""What a change of the spec does to each node: what leaves it, and a unified diff of its files.

What leaves is a matter of the two plans alone. `apply` does it (`node/apply/leave*.sh`); here it is
told before there is a node.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator import pipeline
from generator.claims import Inverse, listed
from generator.rendering import bundle
from generator.rendering.render import RenderedSite


class Unusable(Exception):  # noqa: N818 - says what the path is
    """Neither a spec without errors nor a built site folder."""


def files(path: Path) -> Mapping[str, bytes]:
    """The files that a spec renders to, or that a built folder without a spec holds."""
    if path.is_dir() and not (path / "site.yaml").is_file():
        try:
            return bundle.load(path)
        except OSError:
            raise Unusable(f"{path} holds neither site.yaml nor site.json") from None
    run = pipeline.run(path)
    if run.failed or run.rendered is None:
        raise Unusable(f"{path} has findings; run `stook check {path}`")
    return {
        f"{node}/{file.path}" if node else file.path: file.content
        for node, rendered in run.rendered.files.items()
        for file in rendered
        if file.committed
    }


# They repeat what the other files say, as digests or as one long text.
DERIVED = ("manifest.json", "SHA256SUMS", "user-data")


def diff(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[str]:
    """What leaves each node, and a unified diff over all files that say something of their own."""
    for node, things in by_node(old, new).items():
        yield f"# {node}: what leaves the node"
        yield from (f"#   {thing.noun} {thing.name}: {thing.becomes}" for thing in things)
    for plan in sorted(path for path in old if path.endswith(f"/{PLAN}")):
        if plan not in new:
            yield f"# {plan.split('/')[0]}: has left the site; no bundle takes anything from it"
    for path in sorted({*old, *new}):
        if path.rpartition("/")[2] in DERIVED or old.get(path) == new.get(path):
            continue
        before, after = (side.get(path) for side in (old, new))
        yield from difflib.unified_diff(
            _lines(before),
            _lines(after),
            f"old/{path}" if before is not None else "/dev/null",
            f"new/{path}" if after is not None else "/dev/null",
            lineterm="",
        )


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "replace").splitlines()


PLAN = "plan.tsv"
# The verbs whose things leave, each with its noun; a file is one thing, whatever puts it there.
FILE = "file"
NOUNS = {
    "repository": FILE,
    "file": FILE,
    "secret": FILE,
    "block": "block",
    "head": "block",
    "unit": "unit",
    "user": "account",
    "claim-mount": "mount",
}
INVERSES = {
    FILE: Inverse.REMOVE,
    "block": Inverse.REMOVE,
    "unit": Inverse.STOP,
    "account": Inverse.LOCK,
    "mount": Inverse.UNMOUNT,
}
# What becomes of each, as people are told.
WORDS = {
    Inverse.REMOVE: "removed",
    Inverse.STOP: "stopped and disabled",
    Inverse.LOCK: "closed, if it was made for a bundle",
    Inverse.UNMOUNT: "unmounted, unless it is in use",
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """A thing that is in a node's old plan and not in the new one."""

    noun: str
    name: str

    @property
    def becomes(self) -> str:
        """What happens to it."""
        return WORDS[INVERSES[self.noun]]


def leaving(old: bytes, new: bytes) -> tuple[Leaving, ...]:
    """What leaves a node that comes from one plan to another, in the order of the old one."""
    stays = set(_things(new))
    return tuple(thing for thing in dict.fromkeys(_things(old)) if thing not in stays)


def _things(plan: bytes) -> Iterator[Leaving]:
    for line in plan.decode("utf-8", "replace").splitlines():
        verb, name, *_ = [*line.split("\t"), ""]
        if verb in NOUNS:
            yield Leaving(NOUNS[verb], name)
        elif verb == "absent":
            yield Leaving(FILE, name)


def by_node(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, tuple[Leaving, ...]]:
    """What leaves the nodes that both sets of files have, for those that something leaves."""
    plans = sorted({path for path in old if path.endswith(f"/{PLAN}")} & set(new))
    gone = {path.split("/")[0]: leaving(old[path], new[path]) for path in plans}
    return {node: things for node, things in gone.items() if things}


def from_built(folder: Path, rendered: RenderedSite) -> dict[str, tuple[Leaving, ...]]:
    """What leaves the nodes that come from the bundles in a folder to what was rendered."""
    new = {
        f"{node}/{PLAN}": file.content
        for node, files in rendered.files.items()
        for file in files
        if file.path == PLAN and (folder / node / PLAN).is_file()
    }
    return by_node({path: (folder / path).read_bytes() for path in new}, new)


def rows(left: Mapping[str, tuple[Leaving, ...]]) -> list[tuple[str, ...]]:
    """On, what, name, becomes: as `stook plan` shows it, equal rows of several nodes as one."""
    merged: dict[tuple[str, ...], list[str]] = {}
    for node, things in left.items():
        for thing in things:
            merged.setdefault((thing.noun, thing.name, thing.becomes), []).append(node)
    return [(listed(nodes), *row) for row, nodes in merged.items()]
