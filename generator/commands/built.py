"""Built folders as people see them: what differs, what changed, and what to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generator import pipeline
from generator.claims import Secret, listed
from generator.pipeline import Run
from generator.rendering import bundle, compare
from generator.rendering.bundle import Difference
from generator.rendering.render import RenderedSite
from generator.rendering.userdata import ARCHIVE, PACKED

MOST = 12
"""Of differences in a finding; `stook diff` shows all."""


class Unusable(Exception):  # noqa: N818 - says what the path is
    """Neither a spec without errors nor a built site folder."""


def files(path: Path) -> Mapping[str, bytes]:
    """The files that a spec renders to, or that a built folder without a spec holds."""
    if path.is_dir() and not (path / "site.yaml").is_file():
        return stored(path)
    if str(path) != "-" and not path.exists():
        raise Unusable(f"there is no {path}")
    run = pipeline.run(path)
    if run.failed or run.rendered is None:
        raise Unusable(f"{path} has findings; run `stook check {path}`")
    return rendered(run.rendered)


def stored(folder: Path) -> Mapping[str, bytes]:
    """The files that were built there last."""
    try:
        return bundle.load(folder)
    except NotADirectoryError:
        raise Unusable(f"{folder} is no folder with bundles: give OLD and NEW") from None
    except OSError:
        raise Unusable(f"{folder} holds no bundles: there is no site.json") from None


def rendered(site: RenderedSite) -> Mapping[str, bytes]:
    """The files that a build would commit."""
    return {
        f"{node}/{file.path}" if node else file.path: file.content
        for node, its in site.files.items()
        for file in its
        if file.committed
    }


def compared(run: Run, folder: Path) -> None:
    """Hold a folder against what was rendered: one finding for all that differs."""
    if run.rendered is None or run.failed:
        return
    differing = tuple(bundle.differences(folder, run.rendered))
    if differing:
        lines = [*_named(folder, differing), *_effects(_plans(folder), run.rendered, differing)]
        count = f"{len(differing)} file{'s differ' if len(differing) > 1 else ' differs'}"
        message = f"{folder} is not what the spec says: {count}"
        way = f"run `stook build`; `stook diff {folder}` shows it line by line"
        run.take([bundle.DIFFERS.at((), "\n  ".join((message, *lines)), way)])


def _named(folder: Path, differing: Iterable[Difference]) -> Iterator[str]:
    """Each file with what is wrong with it; what is so on several nodes is one line."""
    differing = tuple(differing)
    others = {one.node for one in differing if not _repeats(one.path)}
    nodes: dict[tuple[str, str], list[str]] = {}
    for one in differing:
        if not (folder / one.node).exists():
            its = nodes.setdefault(("", "is missing"), [])
            its += [] if one.node in its else [one.node]
        elif one.node not in others or not _repeats(one.path):
            nodes.setdefault((one.path, one.what), []).append(one.node)
    for (path, what), its in list(nodes.items())[:MOST]:
        first = folder / its[0] / path
        more = f" (also {listed(its[1:])})" if its[1:] else ""
        yield f"{first} {what}{more}"
    if len(nodes) > MOST:
        yield f"and {len(nodes) - MOST} more like this"


def _repeats(path: str) -> bool:
    """Whether a file says again, as digests or as one long text, what others of its node say."""
    return compare.repeats(path) or path in (ARCHIVE, PACKED)


def _plans(folder: Path) -> Mapping[str, bytes]:
    """The plans that were built there last."""
    places = folder.glob(f"*/{compare.PLAN}")
    return {f"{path.parent.name}/{compare.PLAN}": path.read_bytes() for path in places}


def _effects(
    old: Mapping[str, bytes], site: RenderedSite, differing: Iterable[Difference]
) -> Iterator[str]:
    """What `apply` will do to running units on nodes that have the old bundle."""
    changed: dict[str, list[str]] = {}
    for one in differing:
        changed.setdefault(one.node, []).append(one.path)
    new = {
        f"{node}/{compare.PLAN}": file.content
        for node in changed
        for file in site.files.get(node, ())
        if file.path == compare.PLAN
    }
    lines: dict[str, list[str]] = {}
    for node, paths in changed.items():
        if text := compare.watchers(old, new, node, paths):
            lines.setdefault(text, []).append(node)
    yield from (f"{listed(nodes)}: apply {text}" for text, nodes in lines.items())


def before(run: Run, folder: Path) -> tuple[tuple[Difference, ...], Mapping[str, bytes]]:
    """What a build is about to change, and the plans that are there."""
    if run.rendered is None or run.failed:
        return (), {}
    return tuple(bundle.differences(folder, run.rendered)), _plans(folder)


def written(
    run: Run, folder: Path, changes: Iterable[Difference], plans: Mapping[str, bytes]
) -> Iterator[str]:
    """What a build has written, what that changes, and what to hand over to whom."""
    assert run.plan and run.rendered
    nodes = list(run.plan.site.nodes)
    new = [node for node in nodes if f"{node}/{compare.PLAN}" not in plans]
    counts: dict[str, int] = {}
    for one in changes:
        counts[one.node] = counts.get(one.node, 0) + 1
    changed = [node for node in nodes if node in counts and node not in new]
    same = len(nodes) - len(new) - len(changed)
    parts = [f"{len(new)} new ({listed(new)})"] if new else []
    parts += [f"{len(changed)} changed ({listed(changed)})"] if changed else []
    parts += [f"{same} as they were"] if same else []
    yield f"{folder}: {', '.join(parts)}"
    old = [one for one in changes if one.node in changed]
    yield from (f"  {line}" for line in _effects(plans, run.rendered, old))
    gone = [one.node for one in changes if one.node and one.node not in nodes]
    yield from (f"  {node}: has left the site; its bundle is removed" for node in gone)
    if new or changed:
        yield from _to_do(run, folder, (new + changed)[0])


def _to_do(run: Run, folder: Path, node: str) -> Iterator[str]:
    """The next steps, with one node's name as it is typed."""
    assert run.plan and run.rendered
    site, size = run.plan.site, run.rendered.sizes[node]
    plain = size.fits(site.provider, compressed=False)
    if site.spec.fetch:
        yield f"  copy {folder}/ to {site.spec.fetch}/ first: nodes fetch their {ARCHIVE} there"
    if plain or size.fits(site.provider, compressed=True):
        file = folder / node / ("user-data" if plain else PACKED)
        yield f"  a new machine is made with {file}"
    yield f"  on one that runs: rsync -a {folder / node}/ {node}:bundle/"
    yield f"                    ssh {node} sudo ./bundle/apply --check, then without --check"
    if any(run.plan.claims.of(Secret, name) for name in site.nodes):
        yield f"  secrets are not in it: stook secrets {folder}"
