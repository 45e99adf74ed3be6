"""Plan to files: bytes and modes of everything a site folder holds. Pure; nothing is written.

What does not differ between nodes is rendered, hashed and dumped once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from generator import quote, userdata
from generator.claims import Block, Disk, File, Mount, Secret, Template, Unit, User
from generator.component import expectation
from generator.components.base.claims import ssh_sources
from generator.expect import file_expectation
from generator.plan import SitePlan
from generator.scripts import script
from generator.site import Node, Site
from generator.userdata import ARCHIVE, PACKED, Rendered, Size, dump_yaml, packed
from verify import contract
from verify.contract import Phase
from verify.kinds import stamp

SITE_FILE = "site.json"


@dataclass(frozen=True, slots=True)
class RenderedSite:
    """All files by node ("" is the site itself), and each node's user-data size."""

    files: Mapping[str, tuple[Rendered, ...]]
    sizes: Mapping[str, Size]


def render(plan: SitePlan) -> RenderedSite:
    """Every file of every node, and those of the site with site.json last."""
    files: dict[str, tuple[Rendered, ...]] = {}
    sizes: dict[str, Size] = {}
    for node in plan.site.nodes.values():
        files[node.name], sizes[node.name] = _node(plan, node)
    extras = (Rendered(name, (text.encode(),)) for name, text in sorted(plan.extras.items()))
    files[""] = (*extras, Rendered(SITE_FILE, (contract.dump(_site(plan)),)))
    return RenderedSite(files, sizes)


@cache
def body(source: Template | bytes) -> bytes:
    """The bytes of a file: given, or rendered from a template and its values."""
    if isinstance(source, bytes):
        return source
    text: str = _environment().get_template(source.name).render(dict(source.values))
    return text.encode()


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_template),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["tsv"] = lambda *fields: quote.tsv(*map(str, fields))
    for form in (quote.nginx, quote.vcl, quote.php, quote.ini, quote.ceph):
        environment.filters[form.__name__] = form
    return environment


def _template(name: str) -> str:
    component, _, file = name.partition("/")
    folder = resources.files("generator")
    if component != "bundle":
        folder = folder.joinpath("components", component)
    return folder.joinpath("templates", file).read_text("utf-8")


@lru_cache(maxsize=1024)
def sha256(*parts: bytes) -> str:
    """SHA-256 in hex, worked out once for what many nodes share."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _node(plan: SitePlan, node: Node) -> tuple[tuple[Rendered, ...], Size]:
    files = plan.claims.of(File, node.name)
    on_node = [Rendered(f"rootfs{f.path}", (body(f.body),), _kept_mode(f)) for f in files]
    on_node += [
        Rendered(f"blocks{b.path}", (_lines(b.lines),)) for b in plan.claims.of(Block, node.name)
    ]
    on_node.append(Rendered("apply", (script("generator.node", "apply.sh"),), 0o755))
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
    found = [
        *on_node,
        Rendered("user-data", data),
        Rendered("meta-data", (_meta_data(plan, node),)),
        Rendered("README.md", (_readme(plan, node, size),)),
    ]
    if archive:
        found.append(Rendered(ARCHIVE, (packed((archive,)),), committed=False))
    if not size.fits(plan.site.provider, compressed=False):
        found.append(Rendered(PACKED, (packed(data),), committed=False))
    found.append(Rendered("manifest.json", (contract.dump(_manifest(plan, node, found, sums)),)))
    return tuple(found), size


def _kept_mode(file: File) -> int:
    """The one bit of a mode that a checkout keeps; `plan.tsv` has the whole of it."""
    return 0o755 if int(file.mode, 8) & 0o100 else 0o644


@cache
def _lines(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _plan(plan: SitePlan, node: Node) -> bytes:
    """plan.tsv: what comes before the names of the site, the names, and what comes after."""
    before = "".join(f"{line}\n" for line in _before_names(plan, node))
    after = "".join(f"{line}\n" for line in _after_names(plan, node))
    return before.encode() + _names(plan.site) + after.encode()


def _before_names(plan: SitePlan, node: Node) -> Iterator[str]:
    """The lines of plan.tsv, in the order in which `apply` needs them."""
    site, claims, name = plan.site, plan.claims, node.name
    os = node.platform.os
    yield quote.tsv("stook", str(site.spec.stook))
    yield quote.tsv("site", site.name)
    yield quote.tsv("node", name)
    yield quote.tsv("os", os.id, os.version)
    yield quote.tsv("spec", site.digest)
    yield quote.tsv("hostname", name)
    files = claims.of(File, name)
    for file in files:
        if file.early:
            yield quote.tsv("repository", file.path)
    for package in plan.packages(name):
        yield quote.tsv("package", package)
    for source in ssh_sources(site):
        yield quote.tsv("ssh-from", source)
    for user in claims.of(User, name):
        yield quote.tsv("user", user.name, user.shell, ",".join(user.groups))
    for disk in claims.of(Disk, name):
        yield quote.tsv("disk", disk.device, disk.filesystem, disk.uuid, disk.mount)
    for mount in claims.of(Mount, name):
        yield quote.tsv("mountpoint", mount.path)
    for file in files:
        yield quote.tsv("file", file.path, file.mode, file.owner, file.group, file.check)
    yield from _secrets(plan, node)
    for block in claims.of(Block, name):
        yield quote.tsv("block", block.path)


def _secrets(plan: SitePlan, node: Node) -> Iterator[str]:
    """Where secrets go, and how the node gets them when nobody brings them."""
    found = plan.claims.of(Secret, node.name)
    for one in found:
        yield quote.tsv("secret", one.path, one.name, one.mode, one.owner, one.group)
    how = plan.site.spec.secrets
    if found and how.delivery == "command":
        for word in how.command:
            yield quote.tsv("secret-word", word)


def _after_names(plan: SitePlan, node: Node) -> Iterator[str]:
    claims, name = plan.claims, node.name
    for mount in claims.of(Mount, name):
        yield quote.tsv("claim-mount", mount.path)
        if not mount.late:
            yield quote.tsv("mount", mount.path)
    for unit in claims.of(Unit, name):
        start = "start" if unit.blocking else "no-block"
        yield quote.tsv("unit", unit.name, start, unit.change, ",".join(unit.watch))
        for secret in unit.secrets:
            yield quote.tsv("unit-secret", unit.name, secret)


@lru_cache(maxsize=4)
def _names(site: Site) -> bytes:
    names = (name for node in site.nodes.values() for name in (node.name, *node.aliases))
    return "".join(quote.tsv("claim-name", name) + "\n" for name in names).encode()


def _meta_data(plan: SitePlan, node: Node) -> bytes:
    identity = plan.site.derived("instance", node.name)
    return dump_yaml({"instance-id": identity, "local-hostname": node.name}).encode()


def _readme(plan: SitePlan, node: Node, size: Size) -> bytes:
    mounts = plan.claims.of(Mount, node.name)
    values = {
        "site": plan.site.name,
        "node": node.name,
        "address": node.address,
        "platform": node.platform.platform,
        "provider": plan.site.provider,
        "compressed": not size.fits(plan.site.provider, compressed=False),
        "fits": size.fits(plan.site.provider, compressed=True),
        "fetch": plan.site.spec.fetch,
        "disks": [(d.device, d.mount) for d in plan.claims.of(Disk, node.name)],
        "mounts": [(m.path, m.source, m.fstype) for m in mounts],
        "units": [u.name for u in plan.claims.of(Unit, node.name)],
        "secrets": [(s.name, s.purpose) for s in plan.claims.of(Secret, node.name)],
        "says": [said for said in plan.says if node.name in said.nodes],
        "predictions": [p for p in plan.predictions if node.name in p["nodes"]],
    }
    text: str = _environment().get_template("bundle/README.md.j2").render(values)
    return text.encode()


def _manifest(
    plan: SitePlan, node: Node, files: Iterable[Rendered], sums: bytes
) -> contract.Manifest:
    digest = sha256(sums)
    stamped = stamp.Want(plan.site.name, node.name, plan.site.digest, digest)
    checks = [
        *plan.expectations[node.name],
        *(file_expectation(f, sha256(body(f.body))) for f in plan.claims.of(File, node.name)),
        expectation(node.name, stamped, plan.site.name, ("site",), "base", phase=Phase.BAKED),
    ]
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
        expectations=tuple(sorted(checks, key=lambda e: e.id)),
        secrets=tuple(
            contract.SecretFile(s.name, s.path, s.mode, s.owner, s.group, s.purpose)
            for s in plan.claims.of(Secret, node.name)
        ),
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
        predictions=tuple(contract.Prediction(**row) for row in plan.predictions),
        accepted=tuple(
            contract.Acceptance(item.rule, item.where, str(item.until)) for item in site.spec.accept
        ),
    )
