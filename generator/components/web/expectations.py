"""What the web tier is checked for: answers, settings in effect, one document root for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.claims import Claims, Mount, Secret, Unit
from generator.components.web import layout as web
from generator.components.web.layout import Layout
from generator.components.web.model import Tarball
from generator.components.web.wordpress import LIST, UNIT, mount_of
from generator.language.findings import Path
from generator.planning.expect import Need, expectation, need
from generator.planning.site import Node, Site
from verify.contract import Expectation, ExternalService, Level, Phase
from verify.kinds import database, document_root, http, php, served_upload, wordpress

# The elected node copies some 2500 files into a volume that is just forming.
WITHIN = 300


def expect(site: Site, found: Layout, claims: Claims) -> Iterator[Expectation]:
    """Every node is asked what it serves; the elected one also for all of them together."""
    for name in found.nodes:
        node = site.nodes[name]
        yield from _daemons(node, found)
        yield from _answers(node, found, _root(claims, found, name))
    yield from _together(site, found, claims)


def _root(claims: Claims, found: Layout, node: str) -> tuple[Need, ...]:
    """The check that the document root is mounted, where it is on a mount."""
    mount = mount_of(found.root, claims.of(Mount, node))
    return (Mount.need(node, mount.path),) if mount else ()


def _service(node: Node, key: str) -> Need:
    return Unit.need(node.name, node.platform.units[key])


def _make(
    node: Node, want: Any, subject: str, spec: Path, *needs: Need, level: Level = Level.STATE
) -> Expectation:
    return expectation(
        node.name, want, subject, spec, "web", level=level, needs=needs, within=WITHIN
    )


def _daemons(node: Node, found: Layout) -> Iterator[Expectation]:
    fpm = _service(node, "php")
    secret = found.spec.database.password.secret
    yield expectation(
        node.name,
        php.Want(node.platform.users["web"], found.settings),
        "settings",
        ("web", "php"),
        "web",
        phase=Phase.BOOTED,
        needs=(fpm,),
        within=30,
    )
    db = found.spec.database
    want = database.Want(db.host, db.port, db.name, db.user, db.tls == "on")
    needs = (fpm, Secret.need(node.name, secret))
    yield _make(node, want, db.name, ("web", "database"), *needs)


def _answers(node: Node, found: Layout, root: tuple[Need, ...]) -> Iterator[Expectation]:
    """The front page past every cache, and a guarded script that is named in an odd way."""
    send = ("X-Forwarded-Proto: https",) if found.terminated else ()
    front = http.Want(
        address=node.address,
        port=web.HTTP,
        host=found.host,
        path="/",
        status=200,
        headers=("X-Varnish",),
        body=("/wp-includes/",),
        fresh=True,
        send=send,
    )
    daemons = tuple(_service(node, key) for key in ("varnish", "nginx", "php"))
    reaches = need(node.name, database.Want, found.spec.database.name)
    spec = ("web", "wordpress", "url")
    yield _make(node, front, "front", spec, *daemons, reaches, *root)
    guarded = http.Want(node.address, web.HTTP, found.host, "/x/../xmlrpc.php", 400)
    yield _make(node, guarded, "odd-path", ("web", "edge"), *daemons[:2], *root)


def _together(site: Site, found: Layout, claims: Claims) -> Iterator[Expectation]:
    if not found.elected:
        return
    node, root = site.nodes[found.elected], ("web", "wordpress", "root")
    unit = Unit.need(node.name, UNIT)
    source = found.spec.wordpress.source
    if isinstance(source, Tarball):
        core = wordpress.Want(found.root, LIST, f"tarball {source.sha256}")
    else:
        core = wordpress.Want(found.root, LIST, "package wordpress", "wordpress")
    mounted = tuple(need for name in found.nodes for need in _root(claims, found, name))
    own = _root(claims, found, node.name)
    yield _make(node, core, "core", ("web", "wordpress", "source"), unit, *own)
    if len(found.nodes) > 1:
        running = tuple(_service(site.nodes[name], "php") for name in found.nodes)
        want = document_root.Want(found.root, found.nodes)
        yield _make(node, want, "same", root, unit, *running, *mounted)
    fetched = tuple(
        _service(site.nodes[name], key) for name in found.nodes for key in ("varnish", "nginx")
    )
    upload = served_upload.Want(
        directory=f"{found.root}/wp-content/uploads",
        url="/wp-content/uploads",
        owner=node.platform.users["web"],
        host=found.host,
        port=web.HTTP,
        nodes=tuple((name, site.nodes[name].address) for name in found.nodes),
    )
    needs = (unit, *fetched, *mounted)
    yield _make(node, upload, "uploads", root, *needs, level=Level.BEHAVIOUR)


def facts(site: Site, found: Layout) -> Mapping[str, object]:
    """What behaviour tests need to know of the web tier, as plain data."""
    return {
        "web": {
            "nodes": list(found.nodes),
            "elected": found.elected,
            "root": found.root,
            "url": found.spec.wordpress.url,
            "port": web.HTTP,
            "edge": {"mode": found.spec.edge.mode, "networks": list(found.proxies)},
        }
    }


def external(site: Site, found: Layout) -> Iterator[ExternalService]:
    """The database; `password` is the name of the secret."""
    db = found.spec.database
    settings = {"name": db.name, "user": db.user, "password": db.password.secret, "tls": db.tls}
    yield ExternalService("web.database", "mysql", (db.host,), db.port, settings)
