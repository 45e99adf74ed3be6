"""The claims of the web tier: three daemons, one document root, one log."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from generator.claims import (
    Claim,
    Claims,
    File,
    Log,
    LogField,
    Mount,
    MountOption,
    Package,
    Port,
    Template,
    Unit,
    values,
)
from generator.components.web import layout as web
from generator.components.web.connections import connections
from generator.components.web.layout import Layout
from generator.components.web.secrets import required_secrets, secrets
from generator.components.web.wordpress import wordpress
from generator.formats import nginx
from generator.language.findings import Path
from generator.planning.expect import need
from generator.planning.site import Node, Site
from generator.rendering.scripts import script
from verify.kinds import http

SPEC = ("web",)


def claim(site: Site, tier: Layout) -> Iterator[Claim]:
    """What every node that serves gets."""
    for name in tier.nodes:
        node = site.nodes[name]
        yield from _varnish(node, tier)
        yield from _nginx(node, tier)
        yield from _php(node, tier)
        yield from secrets(node, tier)
        yield from connections(node, tier)
        yield _log(node, tier)
        # PHP reads its scripts; nothing there is ever executed by itself
        root = ("web", "wordpress", "root")
        yield MountOption(
            node=name, spec=root, role="web/wordpress", path=tier.root, option="noexec"
        )


def settle(site: Site, tier: Layout, claims: Claims) -> Iterator[Claim]:
    """What needs to know on which mount the document root lies, on the elected node."""
    if tier.elected:
        node = site.nodes[tier.elected]
        mounts = claims.of(Mount, node.name)
        yield from wordpress(node, tier, mounts)


def _packages(node: Node, key: str, role: str) -> Iterator[Package]:
    for name in node.platform.packages[key]:
        yield Package(node=node.name, spec=SPEC, role=role, name=name)


def _file(
    node: Node,
    role: str,
    path: str,
    template: str,
    spec: Path = SPEC,
    /,
    format: str = "text",
    **wanted: object,
) -> File:
    body = Template(__package__, template, values(web.PORTS | wanted))
    return File(node=node.name, spec=spec, role=role, path=path, body=body, format=format)


def _port(node: Node, key: str, number: int, spec: Path = SPEC) -> Port:
    """A port that only this node itself may reach."""
    return Port(
        node=node.name,
        spec=spec,
        role=f"web/{key}",
        protocol="tcp",
        first=number,
        last=number,
        allowed_from=("127.0.0.1/32",),
        addresses=("127.0.0.1",),
        process=node.platform.processes[key],
        unit=node.platform.units[key],
    )


def _unit(
    node: Node, key: str, change: str, watch: tuple[str, ...], secrets: tuple[str, ...] = ()
) -> Unit:
    return Unit(
        node=node.name,
        spec=SPEC,
        role=f"web/{key}",
        name=node.platform.units[key],
        change=change,
        watch=watch,
        packages=tuple(node.platform.packages[key]),
        secrets=secrets,
    )


def _varnish(node: Node, tier: Layout) -> Iterator[Claim]:
    role, vcl = "web/varnish", "/etc/varnish/default.vcl"
    drop_in = f"/etc/systemd/system/{node.platform.units['varnish']}.d/stook.conf"
    # this node itself, too: it is asked whether it serves from its own address
    believed = (*tier.proxies, str(ip_network(node.address))) if tier.proxied else ()
    networks = tuple(tuple(network.split("/")) for network in believed)
    yield from _packages(node, "varnish", role)
    yield _file(
        node,
        role,
        vcl,
        "default.vcl.j2",
        ("web", "edge"),
        format="vcl",
        health=web.HEALTH,
        networks=networks,
        terminated=tier.terminated,
    )
    yield _file(
        node,
        role,
        drop_in,
        "varnish.conf.j2",
        format="dropin",
        vcl=vcl,
        user=node.platform.users["varnish"],
    )
    yield _unit(node, "varnish", "restart", (vcl, drop_in))
    yield Port(
        node=node.name,
        spec=("web", "edge"),
        role=role,
        protocol="tcp",
        first=web.HTTP,
        last=web.HTTP,
        allowed_from=tier.proxies,
        addresses=("0.0.0.0", "[::]"),
        process=node.platform.processes["varnish"],
        unit=node.platform.units["varnish"],
        count=2,
    )
    yield _port(node, "varnish", web.ADMIN)


def _nginx(node: Node, tier: Layout) -> Iterator[Claim]:
    role = "web/nginx"
    deny = web.DENY if tier.proxied else ""
    conf, php = "/etc/nginx/nginx.conf", "/etc/nginx/stook-php.conf"
    drop_in = f"/etc/systemd/system/{node.platform.units['nginx']}.d/stook.conf"
    yield from _packages(node, "nginx", role)
    yield _file(
        node,
        role,
        conf,
        "nginx.conf.j2",
        format="nginx",
        user=node.platform.users["web"],
        modules=node.platform.paths["nginx-modules"],
        trusted=("127.0.0.1", *tier.proxies),
        recursive="on" if tier.proxied else "off",
        layout=_log_format(tier),
        log=web.LOG,
        deny=deny,
        root=tier.root,
        ready=f"{tier.root}/wp-config.php",
        body_size=tier.body_size,
        health=web.HEALTH,
        guarded=tuple(dict.fromkeys(watch.path for watch in web.WATCHES)),
    )
    fastcgi = tier.fastcgi(node)
    upstream = f"unix:{fastcgi}" if fastcgi.startswith("/") else fastcgi
    yield _file(node, role, php, "nginx-php.conf.j2", format="nginx", fastcgi=upstream)
    yield _file(node, role, drop_in, "nginx-unit.conf.j2", format="dropin", deny=deny)
    if deny:
        tmpfiles = "/etc/tmpfiles.d/stook-web.conf"
        yield _file(
            node, role, tmpfiles, "tmpfiles.conf.j2", ("web", "edge"), format="tmpfiles", deny=deny
        )
    yield _file(
        node,
        role,
        "/etc/logrotate.d/nginx",
        "logrotate.j2",
        mode="0640",
        owner=node.platform.users["web"],
        group=node.platform.groups["logs"],
    )
    yield _unit(node, "nginx", "reload", (conf, php))
    yield Unit(
        node=node.name,
        spec=SPEC,
        role=role,
        name=node.platform.units["logrotate"],
        packages=("logrotate",),
    )
    yield _port(node, "nginx", web.NGINX)


def _log_format(tier: Layout) -> tuple[str, ...]:
    """The log line as arguments of `log_format`, which it writes one after the other."""
    return tuple(
        web.VARIABLES[part] if isinstance(part, LogField) else nginx.quote(part)
        for part in tier.log
    )


def _php(node: Node, tier: Layout) -> Iterator[Claim]:
    role, paths, spec = "web/php", node.platform.paths, ("web", "php")
    pool, ini = f"{paths['php-pools']}/www.conf", f"{paths['php-settings']}/99-stook.ini"
    state, config = "/usr/local/lib/stook/web-state.php", "/etc/stook/wordpress.php"
    yield from _packages(node, "php", role)
    yield _file(
        node,
        role,
        pool,
        "php-pool.conf.j2",
        spec,
        format="php_ini",
        user=node.platform.users["web"],
        group=node.platform.groups["web"],
        listen=tier.fastcgi(node),
        children=tier.spec.php.children,
    )
    yield _file(
        node,
        role,
        ini,
        "php.ini.j2",
        spec,
        format="php_ini",
        settings=tuple(tier.settings.items()),
    )
    yield File(
        node=node.name,
        spec=SPEC,
        role=role,
        path=state,
        body=script(__package__, "files", "web-state.php"),
    )
    database = tier.spec.database
    body = Template(
        __package__,
        "wordpress.php.j2",
        values(
            {
                "database": tier.database,
                "name": database.name,
                "user": database.user,
                "password": web.secret(database.password.secret),
                "tls": database.tls == "on",
                "salts": web.secret(tier.spec.wordpress.salts.secret),
                "url": tier.spec.wordpress.url,
                "terminated": tier.terminated,
            }
        ),
    )
    yield File(
        node=node.name,
        spec=("web", "database"),
        role="web/wordpress",
        path=config,
        body=body,
        mode="0640",
        group=node.platform.groups["web"],
        format="php",
    )
    yield _unit(node, "php", "reload", (pool, ini), required_secrets(tier))
    if tier.spec.php.listen != "socket":
        yield _port(node, "php", tier.spec.php.listen, ("web", "php", "listen"))


def _log(node: Node, tier: Layout) -> Log:
    return Log(
        node=node.name,
        spec=("web", "edge"),
        role="web/nginx",
        path=web.LOG,
        owner=node.platform.users["web"],
        group=node.platform.groups["logs"],
        mode="0640",
        layout=tier.log,
        watches=web.WATCHES,
        ports=(web.HTTP, 443) if tier.terminated else (web.HTTP,),
        unit=node.platform.units["nginx"],
        proxies=tier.proxies,
        deny=web.DENY if tier.proxied else "",
        deny_reload="systemctl reload nginx" if tier.proxied else "",
        needs=(need(node.name, http.Want, "front"),),
    )
