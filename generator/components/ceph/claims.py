"""The claims of Ceph: daemons that make what they need before they start, keys, ports, pools."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from generator.claims import (
    Claim,
    File,
    Lasting,
    Occupied,
    Package,
    SudoRule,
    Template,
    Unit,
    values,
)
from generator.components.ceph import clients
from generator.components.ceph.conf import conf, gateway
from generator.components.ceph.daemons import daemons, entity, unit
from generator.components.ceph.keys import bootstrap, keys, secrets
from generator.components.ceph.layout import (
    Layout,
    OsdLayout,
    PoolLayout,
    address,
    bracketed,
    rule_name,
)
from generator.components.ceph.ports import SPEC, connections, ports
from generator.language.findings import Path
from generator.planning.site import Node, Site
from generator.rendering.scripts import script

CONF = "/etc/ceph/ceph.conf"
DATA = "/etc/stook/ceph.tsv"
SEED = "/usr/local/lib/stook/ceph-seed"
DEVICE_SEED = "/usr/local/lib/stook/ceph-device"
FORMATION = "stook-ceph.service"
STARTER = "stook-ceph-start.service"
UNITS = "/etc/systemd/system"
# What ceph-base gives its account (/etc/sudoers.d/ceph-smartctl), on every node that has another
# daemon than a gateway.
PACKAGED = (
    r"(root) NOPASSWD: /usr/sbin/smartctl -x --json\=o /dev/*",
    "(root) NOPASSWD: /usr/sbin/nvme * smart-log-add --json /dev/*",
)
ACCOUNT = "ceph"
EVERYTHING = "(root) NOPASSWD: ALL"
SETTINGS = ("!requiretty for ceph",)
# What a freshly formed cluster may take until every daemon has its key and is up.
WITHIN = 60


def claim(site: Site, cluster: Layout) -> Iterator[Claim]:
    """What every node with a part in the cluster gets."""
    for name in cluster.nodes:
        node = site.nodes[name]
        yield Lasting(
            node=name,
            spec=(*SPEC, "fsid") if cluster.spec.fsid else SPEC,
            role="ceph/common",
            name="the Ceph cluster",
            value=cluster.fsid,
            key="fsid",
        )
        yield from _common(site, node, cluster)
        yield from _start(node, cluster)
        # as a file it takes nearly all of its disk
        for osd in cluster.osds_of(name):
            if osd.disk:
                yield Occupied(node=name, spec=osd.path, role="ceph/osd", path=osd.disk.mount)
        for role, instances in daemons(node, cluster).items():
            yield from _daemon(node, cluster, role, instances)
        if name in cluster.admins:
            yield from _admin(node, cluster)
        yield from secrets(node, cluster)
        yield from clients.keys(node, cluster)
        yield from ports(site, node, cluster)
        yield from connections(node, cluster)


def _file(
    node: Node,
    path: str,
    body: Template | bytes,
    spec: Path = SPEC,
    mode: str = "0644",
    format: str = "text",
) -> File:
    return File(
        node=node.name,
        spec=spec,
        role="ceph/common",
        path=path,
        body=body,
        mode=mode,
        format=format,
    )


def _packages(node: Node, key: str, role: str) -> Iterator[Package]:
    for name in node.platform.packages[key]:
        yield Package(node=node.name, spec=SPEC, role=role, name=name)


def _common(site: Site, node: Node, cluster: Layout) -> Iterator[Claim]:
    yield from _packages(node, "ceph-common", "ceph/common")
    rgw = {
        entity("rgw", one): gateway(node, cluster) for one in daemons(node, cluster).get("rgw", ())
    }
    own = rgw | dict(clients.sections(node, cluster))
    yield _file(
        node,
        CONF,
        Template(
            __package__,
            "ceph.conf.j2",
            values(
                {
                    "settings": tuple(conf(site, node, cluster).items()),
                    "sections": tuple((n, tuple(s.items())) for n, s in own.items()),
                }
            ),
        ),
        format="ceph_conf",
    )
    yield _file(node, SEED, script(__package__, "files", "ceph-seed"), mode="0755")
    forms, osds = node.name == cluster.bootstrap_node, cluster.osds_of(node.name)
    bootstraps = bootstrap(cluster) if forms else ()
    pools, filesystems = (cluster.pools, cluster.spec.filesystems) if forms else ((), {})
    mons = cluster.mons if node.name in cluster.mons else ()
    plan = {
        "me": node.name,
        "former": cluster.bootstrap_node,
        "fsid": cluster.fsid,
        "mons": tuple((n, bracketed(address(site.nodes[n], cluster.public_network))) for n in mons),
        "count": len(cluster.osds),
        "bootstrap": bootstraps,
        "osds": tuple((o.id, o.uuid, o.disk.mount, o.device_class or "-") for o in osds if o.disk),
        "devices": tuple(
            (o.id, o.uuid, o.device, o.device_class or "-", *_db(o)) for o in osds if not o.disk
        ),
        "rules": tuple(
            (rule_name(one), cluster.spec.failure_domain, one)
            for one in (cluster.classes if forms else ())
        ),
        "pools": tuple(
            (p.name, p.size, p.min_size, p.pg_num, p.application, rule_name(p.device_class))
            for p in pools
            if not p.data
        ),
        "coded": tuple(_coded(cluster, p) for p in pools if p.data),
        **clients.plan(node, cluster),
        "filesystems": tuple((name, f.metadata, f.data[0]) for name, f in filesystems.items()),
        "further": tuple((name, p) for name, f in filesystems.items() for p in f.data[1:]),
    }
    yield _file(node, DATA, Template(__package__, "ceph.tsv.j2", values(plan)), format="tsv")
    if cluster.spec.sudo:
        yield from _packages(node, "sudo", "ceph/common")
        body, spec = Template(__package__, "sudoers.j2"), (*SPEC, "sudo")
        yield _file(node, "/etc/sudoers.d/ceph", body, spec, "0440", "sudoers")
    rule = partial(SudoRule, node=node.name, spec=SPEC, role="ceph/common", account=ACCOUNT)
    for one in rules(node, cluster):
        yield rule(rule=one, settings=SETTINGS if one == EVERYTHING else ())


def _db(osd: OsdLayout) -> tuple[str, str]:
    return (osd.db.device, osd.db.size) if osd.db else ("-", "-")


def _coded(cluster: Layout, pool: PoolLayout) -> tuple[object, ...]:
    return (
        pool.name,
        pool.data,
        pool.size - pool.data,
        pool.min_size,
        pool.pg_num,
        pool.application,
        cluster.spec.failure_domain,
        pool.device_class or "-",
        "true" if pool.overwritten else "-",
    )


def rules(node: Node, cluster: Layout) -> tuple[str, ...]:
    """What sudo grants Ceph's account."""
    packaged = PACKAGED if daemons(node, cluster).keys() - {"rgw"} else ()
    return (*packaged, EVERYTHING) if cluster.spec.sudo else packaged


def _start(node: Node, cluster: Layout) -> Iterator[Claim]:
    """What starts all the rest: within a boot it would hold the boot up, and logins with it."""
    names = [unit(node, role, one) for role, ones in daemons(node, cluster).items() for one in ones]
    names += [FORMATION] if node.name in cluster.admins else []
    body = Template(__package__, f"{STARTER}.j2", values({"units": tuple(names)}))
    yield _file(node, f"{UNITS}/{STARTER}", body, format="unit")
    yield Unit(node=node.name, spec=SPEC, role="ceph/common", name=STARTER)


def _daemon(node: Node, cluster: Layout, role: str, instances: list[str]) -> Iterator[Claim]:
    yield from _packages(node, f"ceph-{role}", f"ceph/{role}")
    whole = {str(osd.id) for osd in cluster.osds_of(node.name) if osd.disk is None}
    for instance in instances:
        name = unit(node, role, instance)
        alone = role == "osd" and instance in whole
        yield from _devices(node) if alone else ()
        # of two drop-ins with one name, systemd takes the one of the instance
        drop_in = f"{UNITS}/{name if alone else node.platform.units[f'ceph-{role}']}.d/stook.conf"
        yield _file(node, drop_in, _drop_in(node, role, alone), (*SPEC, role), format="dropin")
        yield Unit(
            node=node.name,
            spec=(*SPEC, role),
            role=f"ceph/{role}",
            name=name,
            change="restart",
            watch=(CONF, drop_in),
            blocking=False,
            packages=tuple(node.platform.packages[f"ceph-{role}"]),
            secrets=keys(node, cluster, role),
            within=WITHIN,
        )


def _devices(node: Node) -> Iterator[Claim]:
    """What a node needs for OSDs that have a device for themselves."""
    yield from _packages(node, "ceph-volume", "ceph/osd")
    path = (*SPEC, "osd")
    yield _file(node, DEVICE_SEED, script(__package__, "files", "ceph-device"), path, "0755")


def _drop_in(node: Node, role: str, alone: bool) -> Template:
    seed = f"{DEVICE_SEED} %i" if alone else f"{SEED} {role} %i"
    prestart = node.platform.paths["ceph-osd-prestart"] if role == "osd" else ""
    return Template(__package__, "daemon.conf.j2", values({"seed": seed, "prestart": prestart}))


def _admin(node: Node, cluster: Layout) -> Iterator[Claim]:
    path = f"{UNITS}/{FORMATION}"
    body = Template(__package__, f"{FORMATION}.j2", values({"me": node.name}))
    yield _file(node, path, body, (*SPEC, "admin"), format="unit")
    forms = node.name == cluster.bootstrap_node
    shared = tuple(clients.keys(node, cluster)) if forms else ()
    yield Unit(
        node=node.name,
        spec=(*SPEC, "admin"),
        role="ceph/admin",
        name=FORMATION,
        change="restart",
        watch=(path, DATA, SEED, *(one.path for one in shared)),
        blocking=False,
        secrets=(*keys(node, cluster, "admin"), *(one.name for one in shared)),
        within=WITHIN,
    )
