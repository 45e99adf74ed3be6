"""What Ceph is checked for: each daemon as the monitors know it, and the predictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.claims import Claims, File, Unit
from generator.components.ceph.claims import CONF, FORMER, conf, gateway
from generator.components.ceph.daemons import daemons, entity, unit
from generator.components.ceph.layout import (
    GATEWAY_POOLS,
    Layout,
    OsdLayout,
    PoolLayout,
    address,
)
from generator.components.ceph.placement import copies, moved, serves, states
from generator.components.ceph.predictions import health, reported, soon
from generator.language.findings import Path
from generator.planning.expect import Need, expectation, need
from generator.planning.site import Node, Site
from verify.contract import Expectation, Level, Phase
from verify.kinds import (
    ceph_config,
    ceph_device,
    ceph_file,
    ceph_flags,
    ceph_fs,
    ceph_gateway,
    ceph_health,
    ceph_keyrings,
    ceph_mgr,
    ceph_mons,
    ceph_object,
    ceph_osd,
    ceph_osds,
    ceph_pgs,
    ceph_pool,
    http,
    sudo,
)

# A cluster that is just forming is given this many seconds.
WITHIN = 90
# What the package gives its account by itself (/etc/sudoers.d/ceph-smartctl).
PACKAGED = (
    r"(root) NOPASSWD: /usr/sbin/smartctl -x --json\=o /dev/*",
    "(root) NOPASSWD: /usr/sbin/nvme * smart-log-add --json /dev/*",
)
EVERYTHING = "(root) NOPASSWD: ALL"
FOLDERS = {"rgw": "radosgw"}
# No bucket has that name: to say so, a gateway must have looked into its pools.
NO_BUCKET = "/stook-verify-looks-for-a-bucket"


def expect(site: Site, found: Layout, claims: Claims) -> Iterator[Expectation]:
    """Each node for what runs on it; the node that forms the cluster for the whole of it."""
    for name in found.nodes:
        yield from _node(site, site.nodes[name], found)
    for osd in found.osds:
        yield _osd(site, found, osd)
        if osd.disk is None:
            yield _device(found, osd)
    yield from _cluster(site, found)
    for pool in found.pools:
        yield from _pool(found, pool)


def _quorum(found: Layout) -> Need:
    return need(found.former, ceph_mons.Want, "quorum")


def _make(
    node: str, want: Any, subject: str, spec: Path, *needs: Need, within: int = WITHIN
) -> Expectation:
    return expectation(
        node, want, subject, spec, "ceph", phase=Phase.CLUSTERED, needs=needs, within=within
    )


def _node(site: Site, node: Node, found: Layout) -> Iterator[Expectation]:
    settings = conf(site, node, found)
    for role, instances in daemons(node, found).items():
        for instance in instances:
            own = gateway(node, found) if role == "rgw" else {}
            want = ceph_config.Want(entity(role, instance), settings | own)
            needs = (Unit.need(node.name, unit(node, role, instance)), _file(node))
            yield _make(node.name, want, want.daemon, ("ceph", "settings"), *needs)
    yield _make(node.name, ceph_keyrings.Want(_owners(node, found)), "all", ("ceph",))
    if node.name in found.rgws:
        yield _gateway(site, node, found)
    if found.spec.sudo:
        want_sudo = sudo.Want("ceph", (*PACKAGED, EVERYTHING))
        yield expectation(node.name, want_sudo, "ceph", ("ceph", "sudo"), "ceph", phase=Phase.BAKED)


def _file(node: Node) -> Need:
    return File.need(node.name, CONF)


def _owners(node: Node, found: Layout) -> dict[str, str]:
    own = {
        f"/var/lib/ceph/{FOLDERS.get(role, role)}/ceph-{instance}/keyring": "ceph"
        for role, instances in daemons(node, found).items()
        for instance in instances
    }
    admin = {"/etc/ceph/ceph.client.admin.keyring": "root"}
    return own | (admin if node.name in found.admins else {})


def _osd(site: Site, found: Layout, osd: OsdLayout) -> Expectation:
    node = site.nodes[osd.node]
    want = ceph_osd.Want(
        osd.id,
        osd.uuid,
        osd.node,
        address(node, found.public),
        address(node, found.cluster),
        found.former,
    )
    needs = (Unit.need(osd.node, unit(node, "osd", str(osd.id))), _quorum(found))
    return _make(osd.node, want, f"osd.{osd.id}", osd.path, *needs)


def _device(found: Layout, osd: OsdLayout) -> Expectation:
    """That it really is on the device that it has for itself."""
    want = ceph_device.Want(osd.id, osd.device, found.former)
    needs = need(osd.node, ceph_osd.Want, f"osd.{osd.id}")
    return _make(osd.node, want, f"osd.{osd.id}", (*osd.path, "device"), needs)


def _cluster(site: Site, found: Layout) -> Iterator[Expectation]:
    node, admin = site.nodes[found.former], found.former
    keyring = need(admin, ceph_keyrings.Want, "all")
    mons = {name: address(site.nodes[name], found.public) for name in found.mons}
    yield _make(admin, ceph_mons.Want(mons, admin), "quorum", ("ceph", "mon"), keyring)
    quorum = _quorum(found)
    yield _make(admin, ceph_mgr.Want(found.mgrs, admin), "managers", ("ceph", "mgr"), quorum)
    if found.mdss or found.spec.filesystems:
        plans = {name: (f.metadata, f.data) for name, f in found.spec.filesystems.items()}
        files = ceph_fs.Want(plans, found.mdss, admin)
        path = ("ceph", "filesystems") if plans else ("ceph", "mds")
        yield _make(admin, files, "all", path, quorum)
    for name in found.spec.filesystems:
        yield _file_of(found, name)
    if found.rgws:
        yield _gateways(site, found)
    beyond = ceph_osds.Want(
        tuple(osd.id for osd in found.osds),
        (
            *(pool.name for pool in found.pools),
            found.release.own_pool,
            *(GATEWAY_POOLS if found.rgws else ()),
        ),
        admin,
    )
    yield _make(admin, beyond, "beyond", ("ceph", "osd"), quorum)
    yield _make(admin, ceph_flags.Want(admin), "beyond", ("ceph", "settings"), quorum)
    seen = health(found)
    want = ceph_health.Want(dict(seen.must), dict(seen.may), admin, dict(seen.monitors))
    needs = (need(admin, ceph_mgr.Want, "managers"), *_everything(found))
    yield _make(node.name, want, "codes", ("ceph",), *needs, within=WITHIN + reported(found))


def _everything(found: Layout) -> tuple[Need, ...]:
    """The checks of all OSDs: while one is not as planned, nothing is as predicted."""
    return tuple(need(osd.node, ceph_osd.Want, f"osd.{osd.id}") for osd in found.osds)


def _reader(found: Layout) -> str:
    """Who looks for what the forming node has written: another node where there is one."""
    return found.admins[1] if len(found.admins) > 1 else found.former


def _file_of(found: Layout, filesystem: str) -> Expectation:
    admin, reader = found.former, _reader(found)
    return expectation(
        admin,
        ceph_file.Want(filesystem, admin, reader),
        filesystem,
        ("ceph", "filesystems", filesystem),
        "ceph",
        level=Level.BEHAVIOUR,
        needs=(need(admin, ceph_fs.Want, "all"), need(reader, ceph_keyrings.Want, "all")),
        within=WITHIN,
    )


def _gateway(site: Site, node: Node, found: Layout) -> Expectation:
    """It answers on its node, and with what only its pools can tell."""
    home = address(node, found.public)
    want = http.Want(home, found.spec.rgw_port, home, NO_BUCKET, 404, body=("NoSuchBucket",))
    (name,) = daemons(node, found)["rgw"]
    needs = (Unit.need(node.name, unit(node, "rgw", name)), _quorum(found))
    return _make(node.name, want, "gateway", ("ceph", "rgw"), *needs)


def _gateways(site: Site, found: Layout) -> Expectation:
    homes = {name: address(site.nodes[name], found.public) for name in found.rgws}
    want = ceph_gateway.Want(homes, found.spec.rgw_port, found.former)
    return expectation(
        found.former,
        want,
        "all",
        ("ceph", "rgw"),
        "ceph",
        level=Level.BEHAVIOUR,
        needs=(
            *(need(name, http.Want, "gateway") for name in homes),
            need(found.former, ceph_keyrings.Want, "all"),
        ),
        within=WITHIN,
    )


def _pool(found: Layout, pool: PoolLayout) -> Iterator[Expectation]:
    admin, name = found.former, pool.name
    want = ceph_pool.Want(
        name,
        pool.size,
        pool.min_size,
        pool.pg_num,
        pool.application,
        found.spec.failure_domain,
        admin,
    )
    made = (Unit.need(admin, FORMER), _quorum(found))
    yield _make(admin, want, name, pool.path, *made)
    as_planned = (
        need(admin, ceph_mgr.Want, "managers"),
        need(admin, ceph_pool.Want, name),
        *_everything(found),
    )
    count = copies(found, pool)
    groups = ceph_pgs.Want(name, states(pool, count), admin, moved(found, pool))
    yield _make(admin, groups, name, pool.path, *as_planned)
    reader = _reader(found)
    yield expectation(
        admin,
        ceph_object.Want(name, serves(pool, count), admin, reader, pool.min_size),
        name,
        pool.path,
        "ceph",
        level=Level.BEHAVIOUR,
        needs=(need(admin, ceph_pgs.Want, name), need(reader, ceph_keyrings.Want, "all")),
        within=WITHIN,
    )


def _place(osd: OsdLayout) -> dict[str, str]:
    return {"disk": osd.disk.name} if osd.disk else {"device": osd.device}


def facts(site: Site, found: Layout) -> Mapping[str, object]:
    """What behaviour tests need to know of the cluster, as plain data."""
    seen = health(found)
    return {
        "ceph": {
            "fsid": found.fsid,
            "admins": list(found.admins),
            "mons": list(found.mons),
            "mgrs": list(found.mgrs),
            "osds": {str(o.id): {"node": o.node, **_place(o)} for o in found.osds},
            "pools": {
                pool.name: {
                    "size": pool.size,
                    "min_size": pool.min_size,
                    "states": list(states(pool, copies(found, pool))),
                    "serves": serves(pool, copies(found, pool)),
                }
                for pool in found.pools
            },
            "health": {
                "must": dict(seen.must),
                "may": dict(seen.may),
                "within_seconds": {code: soon(found, code) for code in seen.must},
            },
        }
    }
