"""What a change of the spec does to each node, as a unified diff of its files."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator import pipeline
from generator.rendering import bundle, leaving


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
    for node, things in leaving.by_node(old, new).items():
        yield f"# {node}: what leaves the node"
        yield from (f"#   {thing.noun} {thing.name}: {thing.becomes}" for thing in things)
    for plan in sorted(path for path in old if path.endswith(f"/{leaving.PLAN}")):
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
