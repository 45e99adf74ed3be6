"""Plan to files: bytes and modes of everything a site folder holds. Pure; nothing is written.

What does not differ between nodes is rendered, hashed and dumped once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Any

from generator.claims import Block, File, Secret, Step
from generator.formats import tsv
from generator.language.spec import AcceptSpec
from generator.planning.expect import sealed
from generator.planning.plan import SitePlan
from generator.planning.site import Node, Site
from generator.rendering import userdata
from generator.rendering.body import body, filled, sha256
from generator.rendering.handbook import node as handbook
from generator.rendering.scripts import script
from generator.rendering.userdata import ARCHIVE, PACKED, Rendered, Size, dump_yaml, packed
from verify import contract, serialization

SITE_FILE = "site.json"


Facts = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RenderedSite:
    """All files by node ("" is the site itself), each node's user-data size, what is told of it."""

    files: Mapping[str, tuple[Rendered, ...]]
    sizes: Mapping[str, Size]
    facts: Mapping[str, Facts] = field(compare=False)


def render(plan: SitePlan) -> RenderedSite:
    """Every file of every node, and those of the site with site.json last."""
    files: dict[str, tuple[Rendered, ...]] = {}
    sizes: dict[str, Size] = {}
    facts: dict[str, Facts] = {}
    for node in plan.site.nodes.values():
        files[node.name], sizes[node.name], facts[node.name] = _node(plan, node)
    extras = (Rendered(name, (text.encode(),)) for name, text in sorted(plan.extras.items()))
    files[""] = (*extras, Rendered(SITE_FILE, (serialization.dump(_site(plan)),)))
    return RenderedSite(files, sizes, facts)


def _node(plan: SitePlan, node: Node) -> tuple[tuple[Rendered, ...], Size, Facts]:
    claimed = plan.claims.of(File, node.name)
    on_node = [Rendered(f"rootfs{f.path}", (body(f.body),), _committed_mode(f)) for f in claimed]
    on_node += [
        Rendered(f"blocks{b.path}", (_lines(b.lines),)) for b in plan.claims.of(Block, node.name)
    ]
    apply = script("generator.rendering.node", "apply.sh", family=node.platform.family)
    on_node.append(Rendered("apply", (apply,), 0o755))
    on_node.append(Rendered("plan.tsv", (_plan(plan, node),)))
    on_node.sort(key=lambda f: f.path)
    sums = "".join(f"{sha256(*f.parts)}  {f.path}\n" for f in on_node).encode()
    on_node.append(Rendered("SHA256SUMS", (sums,)))
    fetch, archive = plan.site.spec.fetch, b""
    if fetch is None:
        data = userdata.whole(node, on_node)
    else:
        archive = userdata.tar(on_node)
        data = userdata.fetching(node, f"{fetch}/{node.name}/{ARCHIVE}", archive)
    size = Size(data)
    facts = cache(partial(handbook.facts, plan, node, size))
    files = [
        *on_node,
        Rendered("user-data", data),
        Rendered("meta-data", (_meta_data(plan, node),)),
        Rendered("README.md", partial(_readme, facts)),
    ]
    if archive:
        files.append(Rendered(ARCHIVE, (packed((archive,)),), committed=False))
    if not size.fits(plan.site.provider, compressed=False):
        files.append(Rendered(PACKED, (size.packed,), committed=False))
    named = tuple(files)

    def manifest() -> bytes:
        return serialization.dump(_manifest(plan, node, named, sums))

    return (*named, Rendered("manifest.json", manifest)), size, facts


def _committed_mode(file: File) -> int:
    """The one bit of a mode that a checkout keeps; `plan.tsv` has the whole of it."""
    return 0o755 if int(file.mode, 8) & 0o100 else 0o644


@cache
def _lines(lines: tuple[str, ...]) -> bytes:
    return _text(lines)


def _plan(plan: SitePlan, node: Node) -> bytes:
    """plan.tsv: what the node is, then a line for each thing, in the order of `apply`'s steps.

    The names of the site come before mounts, because the lines of others that have them go first.
    """
    # a line that several claims bring, such as a validator of their files, is there once
    by_step: dict[Step, dict[str, None]] = {step: {} for step in Step}
    for line in plan.claims.lines(node.name):
        by_step[line.step][tsv.line(*line.fields)] = None
    steps = {step: list(lines) for step, lines in by_step.items()}
    steps[Step.PACKAGES].sort()
    if steps[Step.SECRETS]:
        steps[Step.SECRETS] += _fetched(plan.site)
    first = [line for step in Step if step < Step.MOUNTS for line in steps[step]]
    last = [line for step in Step if step >= Step.MOUNTS for line in steps[step]]
    return _text([*_head(plan.site, node), *first]) + _names(plan.site) + _text(last)


def _text(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _head(site: Site, node: Node) -> Iterator[str]:
    os = node.platform.os
    yield tsv.line("stook", str(site.spec.stook))
    yield tsv.line("site", site.name)
    yield tsv.line("node", node.name)
    yield tsv.line("os", os.id, os.version)
    yield tsv.line("spec", site.digest)
    yield tsv.line("identity", site.identity)
    for address in node.addresses.values():
        yield tsv.line("address", address)
    yield tsv.line("hostname", node.name)


def _fetched(site: Site) -> Iterator[str]:
    """How the node gets its secrets when nobody brings them."""
    how = site.spec.secrets
    for word in how.command if how.delivery == "command" else ():
        yield tsv.line("secret-word", word)


@lru_cache(maxsize=4)
def _names(site: Site) -> bytes:
    names = (name for node in site.nodes.values() for name in (node.name, *node.aliases))
    return "".join(tsv.line("claim-name", name) + "\n" for name in names).encode()


def _meta_data(plan: SitePlan, node: Node) -> bytes:
    identity = plan.site.derived("instance", node.name)
    return dump_yaml({"instance-id": identity, "local-hostname": node.name}).encode()


def _readme(facts: Facts) -> bytes:
    return filled(f"{__package__}.handbook", "README.md.j2", facts()).encode()


def _manifest(
    plan: SitePlan, node: Node, files: Iterable[Rendered], sums: bytes
) -> contract.Manifest:
    digest = sha256(sums)
    return contract.Manifest(
        site=plan.site.name,
        node=node.name,
        platform=node.platform.platform,
        spec_digest=plan.site.digest,
        bundle_digest=digest,
        files={f.path: sha256(*f.parts) for f in files if f.committed},
        packages=plan.packages(node.name),
        disks=tuple(
            {
                "name": disk.name,
                "device": disk.device,
                "uuid": disk.uuid,
                "fstype": disk.filesystem,
                "mount": disk.mount,
            }
            for disk in plan.site.by_node[node.name]
        ),
        expectations=sealed(plan.expectations[node.name], digest),
        os=contract.OperatingSystem(**node.platform.os.model_dump()),
        secrets=tuple(
            contract.SecretFile(s.name, s.path, s.mode, s.owner, s.group, s.purpose)
            for s in plan.claims.of(Secret, node.name)
        ),
    )


def _accepted(item: AcceptSpec) -> contract.Acceptance:
    return contract.Acceptance(
        item.rule, item.where, str(item.until), item.reason, item.by, item.ticket or ""
    )


def _site(plan: SitePlan) -> contract.Site:
    site = plan.site
    return contract.Site(
        site=site.name,
        spec_digest=site.digest,
        networks={name: tuple(map(str, blocks)) for name, blocks in site.networks.items()},
        nodes={
            node.name: {
                "platform": node.platform.platform,
                "zone": node.zone,
                "addresses": dict(node.addresses),
            }
            for node in site.nodes.values()
        },
        lists=plan.shared,
        facts=plan.facts,
        predictions=plan.predictions,
        accepted=tuple(map(_accepted, site.spec.accept)),
        external=plan.external,
    )
