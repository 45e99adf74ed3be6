"""What the web tier is checked for: answers, settings in effect, one document root for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.claims import Claims, Mount, Secret, Unit, mount_of
from generator.components.web import layout as web
from generator.components.web.layout import Layout
from generator.components.web.model import Tarball
from generator.components.web.wordpress import CONFIG, LIST, UNIT
from generator.language.findings import Path
from generator.planning.expect import Need, expectation, need
from generator.planning.site import Node, Site
from generator.rendering.body import sha256
from verify.contract import Expectation, ExternalService, Level, Phase
from verify.kinds import (
    database,
    document_root,
    http,
    php,
    served_upload,
    unix_socket,
    wordpress,
    wordpress_content,
)

# The elected node copies some 2500 files into a volume that is just forming.
WITHIN = 300


def expect(site: Site, tier: Layout, claims: Claims) -> Iterator[Expectation]:
    """Every node is asked what it serves; the elected one also for all of them together."""
    for name in tier.nodes:
        node = site.nodes[name]
        yield from _daemons(node, tier)
        yield from _answers(node, tier, _root(claims, tier, name))
    yield from _together(site, tier, claims)


def _root(claims: Claims, tier: Layout, node: str) -> tuple[Need, ...]:
    """The check that the document root is mounted, where it is on a mount."""
    mount = mount_of(tier.root, claims.of(Mount, node))
    return (Mount.need(node, mount.path),) if mount else ()


def _shared(claims: Claims, tier: Layout) -> bool:
    """Whether all nodes have one volume of GlusterFS there."""
    mounts = [mount_of(tier.root, claims.of(Mount, node)) for node in tier.nodes]
    volumes = {mount.source.rpartition(":")[2] for mount in mounts if mount}
    kinds = {mount.fstype for mount in mounts if mount}
    return all(mounts) and kinds == {"glusterfs"} and len(volumes) == 1


def _service(node: Node, key: str) -> Need:
    return Unit.need(node.name, node.platform.units[key])


def _make(
    node: Node, want: Any, subject: str, spec: Path, *needs: Need, level: Level = Level.STATE
) -> Expectation:
    return expectation(
        node.name, want, subject, spec, "web", level=level, needs=needs, within=WITHIN
    )


def _daemons(node: Node, tier: Layout) -> Iterator[Expectation]:
    fpm = _service(node, "php")
    secret = tier.spec.database.password.secret
    yield expectation(
        node.name,
        php.Want(node.platform.users["web"], tier.settings, tier.fastcgi(node)),
        "settings",
        ("web", "php"),
        "web",
        phase=Phase.BOOTED,
        needs=(fpm,),
        within=30,
    )
    if tier.spec.php.listen == "socket":
        yield _socket(node, tier, fpm)
    db = tier.spec.database
    want = database.Want(db.host, db.port, db.name, db.user, db.tls == "on", tier.fastcgi(node))
    needs = (fpm, Secret.need(node.name, secret))
    yield _make(node, want, db.name, ("web", "database"), *needs)


def _socket(node: Node, tier: Layout, fpm: Need) -> Expectation:
    path, platform = tier.fastcgi(node), node.platform
    want = unix_socket.Want(
        path, "0660", platform.users["web"], platform.groups["web"], platform.processes["php"]
    )
    spec = ("web", "php", "listen")
    return expectation(
        node.name, want, path.lstrip("/"), spec, "web", phase=Phase.BOOTED, needs=(fpm,), within=30
    )


def _answers(node: Node, tier: Layout, root: tuple[Need, ...]) -> Iterator[Expectation]:
    """The front page past every cache, and a guarded script that is named in an odd way."""
    send = ("X-Forwarded-Proto: https",) if tier.terminated else ()
    front = http.Want(
        address=node.address,
        port=web.HTTP,
        host=tier.host,
        path="/",
        status=200,
        headers=("X-Varnish",),
        body=("/wp-includes/",),
        fresh=True,
        send=send,
    )
    daemons = tuple(_service(node, key) for key in ("varnish", "nginx", "php"))
    reaches = need(node.name, database.Want, tier.spec.database.name)
    spec = ("web", "wordpress", "url")
    yield _make(node, front, "front", spec, *daemons, reaches, *root)
    guarded = http.Want(node.address, web.HTTP, tier.host, "/x/../xmlrpc.php", 400)
    yield _make(node, guarded, "odd-path", ("web", "edge"), *daemons[:2], *root)


def _together(site: Site, tier: Layout, claims: Claims) -> Iterator[Expectation]:
    if not tier.elected:
        return
    node, root = site.nodes[tier.elected], ("web", "wordpress", "root")
    unit = Unit.need(node.name, UNIT)
    source = tier.spec.wordpress.source
    if isinstance(source, Tarball):
        core = wordpress.Want(tier.root, LIST, f"tarball {source.sha256}")
    else:
        core = wordpress.Want(tier.root, LIST, "package wordpress", "wordpress")
    mounted = tuple(need for name in tier.nodes for need in _root(claims, tier, name))
    own = _root(claims, tier, node.name)
    yield _make(node, core, "core", ("web", "wordpress", "source"), unit, *own)
    content = wordpress_content.Want(tier.root, sha256(CONFIG))
    yield _make(node, content, "content", root, unit, *own)
    if len(tier.nodes) > 1:
        running = tuple(_service(site.nodes[name], "php") for name in tier.nodes)
        places = {name: tier.fastcgi(site.nodes[name]) for name in tier.nodes}
        want = document_root.Want(tier.root, tier.nodes, places, _shared(claims, tier))
        yield _make(node, want, "same", root, unit, *running, *mounted)
    fetched = tuple(
        _service(site.nodes[name], key) for name in tier.nodes for key in ("varnish", "nginx")
    )
    upload = served_upload.Want(
        directory=f"{tier.root}/wp-content/uploads",
        url="/wp-content/uploads",
        owner=node.platform.users["web"],
        host=tier.host,
        port=web.HTTP,
        nodes=tuple((name, site.nodes[name].address) for name in tier.nodes),
    )
    needs = (unit, *fetched, *mounted)
    yield _make(node, upload, "uploads", root, *needs, level=Level.BEHAVIOUR)


def facts(site: Site, tier: Layout) -> Mapping[str, object]:
    """What behaviour tests need to know of the web tier, as plain data."""
    return {
        "web": {
            "nodes": list(tier.nodes),
            "elected": tier.elected,
            "root": tier.root,
            "url": tier.spec.wordpress.url,
            "port": web.HTTP,
            "edge": {"mode": tier.spec.edge.mode, "networks": list(tier.proxies)},
        }
    }


def external(site: Site, tier: Layout) -> Iterator[ExternalService]:
    """The database; `password` is the name of the secret."""
    db = tier.spec.database
    settings = {"name": db.name, "user": db.user, "password": db.password.secret, "tls": db.tls}
    yield ExternalService("web.database", "mysql", (db.host,), db.port, settings)
