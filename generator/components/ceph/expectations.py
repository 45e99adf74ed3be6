"""What Ceph is checked for: each daemon as the monitors know it, and the predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from generator.claims import Claims, File, Secret, Unit
from generator.components.ceph.caps import ClientLayout
from generator.components.ceph.claims import ACCOUNT, CONF, FORMATION, rules
from generator.components.ceph.conf import conf, gateway
from generator.components.ceph.daemons import daemons, entity, unit
from generator.components.ceph.health import health, reported
from generator.components.ceph.layout import (
    GATEWAY_POOLS,
    Layout,
    OsdLayout,
    PoolLayout,
    address,
)
from generator.components.ceph.placement import FULL, copies, moved, rates, serves, states
from generator.components.ceph.settings import effective
from generator.components.ceph.users import users
from generator.components.ceph.values import number
from generator.language.findings import Path
from generator.planning.expect import Need, expectation, need
from generator.planning.site import Node, Site
from verify.contract import Expectation, Level, Phase
from verify.kinds import (
    ceph_client,
    ceph_config,
    ceph_device,
    ceph_df,
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
    ceph_users,
    http,
    sudo,
)

# A cluster that is just forming is given this many seconds.
WITHIN = 90
FOLDERS = {"rgw": "radosgw"}
# No bucket has that name: to say so, a gateway must have looked into its pools.
NO_BUCKET = "/stook-verify-looks-for-a-bucket"


def expect(site: Site, cluster: Layout, claims: Claims) -> Iterator[Expectation]:
    """Each node for what runs on it; the node that forms the cluster for the whole of it."""
    for name in cluster.nodes:
        yield from _node(site, site.nodes[name], cluster)
    for osd in cluster.osds:
        yield _osd(site, cluster, osd)
        if osd.disk is None:
            yield _device(cluster, osd)
    yield from _cluster(site, cluster)
    for pool in cluster.pools:
        yield from _pool(cluster, pool)
    if cluster.pools:
        yield _room(cluster)


def _quorum(cluster: Layout) -> Need:
    return need(cluster.bootstrap_node, ceph_mons.Want, "quorum")


def _make(
    node: str, want: Any, subject: str, spec: Path, *needs: Need, within: int = WITHIN
) -> Expectation:
    return expectation(
        node, want, subject, spec, "ceph", phase=Phase.CLUSTERED, needs=needs, within=within
    )


def _node(site: Site, node: Node, cluster: Layout) -> Iterator[Expectation]:
    settings = conf(site, node, cluster) | effective(cluster)
    for role, instances in daemons(node, cluster).items():
        for instance in instances:
            own = gateway(node, cluster) if role == "rgw" else {}
            want = ceph_config.Want(entity(role, instance), settings | own)
            needs = (Unit.need(node.name, unit(node, role, instance)), _file(node))
            yield _make(node.name, want, want.daemon, ("ceph", "settings"), *needs)
    yield _make(node.name, ceph_keyrings.Want(_owners(node, cluster)), "all", ("ceph",))
    if node.name in cluster.rgws:
        yield _gateway(site, node, cluster)
    for client in cluster.clients:
        if node.name in client.nodes:
            yield _client(node, cluster, client)
    if cluster.spec.sudo:
        want_sudo = sudo.Want(ACCOUNT, rules(node, cluster))
        spec = ("ceph", "sudo")
        yield expectation(node.name, want_sudo, ACCOUNT, spec, "ceph", phase=Phase.BAKED)


def _client(node: Node, cluster: Layout, client: ClientLayout) -> Expectation:
    needs = (Secret.need(node.name, client.secret), _file(node), _quorum(cluster))
    return _make(node.name, ceph_client.Want(client.name), client.name, client.path, *needs)


def _file(node: Node) -> Need:
    return File.need(node.name, CONF)


def _owners(node: Node, cluster: Layout) -> dict[str, str]:
    own = {
        f"/var/lib/ceph/{FOLDERS.get(role, role)}/ceph-{instance}/keyring": "ceph"
        for role, instances in daemons(node, cluster).items()
        for instance in instances
    }
    admin = {"/etc/ceph/ceph.client.admin.keyring": "root"}
    return own | (admin if node.name in cluster.admins else {})


def _osd(site: Site, cluster: Layout, osd: OsdLayout) -> Expectation:
    node = site.nodes[osd.node]
    want = ceph_osd.Want(
        osd.id,
        osd.uuid,
        osd.node,
        address(node, cluster.public_network),
        address(node, cluster.cluster_network),
        cluster.bootstrap_node,
        osd.device_class,
    )
    needs = (Unit.need(osd.node, unit(node, "osd", str(osd.id))), _quorum(cluster))
    return _make(osd.node, want, f"osd.{osd.id}", osd.path, *needs)


def _device(cluster: Layout, osd: OsdLayout) -> Expectation:
    """That it really is on the device that it has for itself."""
    want = ceph_device.Want(osd.id, osd.device, cluster.bootstrap_node)
    if osd.db:
        sharers = tuple(one.id for one in cluster.beside(osd.node)[osd.db.device])
        size = int(number("size", osd.db.size) or 0)
        want = replace(want, db=osd.db.device, db_bytes=size, sharers=sharers)
    needs = need(osd.node, ceph_osd.Want, f"osd.{osd.id}")
    return _make(osd.node, want, f"osd.{osd.id}", (*osd.path, "device"), needs)


def _cluster(site: Site, cluster: Layout) -> Iterator[Expectation]:
    node, admin = site.nodes[cluster.bootstrap_node], cluster.bootstrap_node
    keyring = need(admin, ceph_keyrings.Want, "all")
    mons = {name: address(site.nodes[name], cluster.public_network) for name in cluster.mons}
    yield _make(admin, ceph_mons.Want(mons, admin), "quorum", ("ceph", "mon"), keyring)
    quorum = _quorum(cluster)
    yield _make(admin, ceph_mgr.Want(cluster.mgrs, admin), "managers", ("ceph", "mgr"), quorum)
    if cluster.mdss or cluster.spec.filesystems:
        plans = {name: (f.metadata, *f.data) for name, f in cluster.spec.filesystems.items()}
        files = ceph_fs.Want(plans, cluster.mdss, admin)
        path = ("ceph", "filesystems") if plans else ("ceph", "mds")
        yield _make(admin, files, "all", path, quorum)
    for name, filesystem in cluster.spec.filesystems.items():
        yield _file_of(cluster, name)
        for pool in filesystem.data[1:]:
            yield _file_of(cluster, name, pool)
    if cluster.rgws:
        yield _gateways(site, cluster)
    beyond = ceph_osds.Want(
        tuple(osd.id for osd in cluster.osds),
        (
            *(pool.name for pool in cluster.pools),
            cluster.release.own_pool,
            *(GATEWAY_POOLS if cluster.rgws else ()),
        ),
        admin,
        cluster.spec.failure_domain,
        cluster.classes,
        {pool.name: pool.device_class for pool in cluster.pools if pool.data},
    )
    yield _make(admin, beyond, "beyond", ("ceph", "osd"), quorum)
    yield _make(admin, ceph_flags.Want(admin), "beyond", ("ceph", "settings"), quorum)
    known = ceph_users.Want(users(site, cluster), admin)
    yield _make(admin, known, "all", ("ceph",), quorum)
    seen = health(cluster)
    want = ceph_health.Want(dict(seen.must), dict(seen.may), admin, dict(seen.monitors))
    needs = (need(admin, ceph_mgr.Want, "managers"), *_everything(cluster))
    yield _make(node.name, want, "codes", ("ceph",), *needs, within=WITHIN + reported(cluster))


def _everything(cluster: Layout) -> tuple[Need, ...]:
    """The checks of all OSDs: while one is not as planned, nothing is as predicted."""
    return tuple(need(osd.node, ceph_osd.Want, f"osd.{osd.id}") for osd in cluster.osds)


def _reader(cluster: Layout) -> str:
    """Who looks for what the forming node has written: another node where there is one."""
    return cluster.admins[1] if len(cluster.admins) > 1 else cluster.bootstrap_node


def _file_of(cluster: Layout, filesystem: str, pool: str | None = None) -> Expectation:
    """Of the pool that files go to by themselves, or of one that they are given to."""
    admin, reader = cluster.bootstrap_node, _reader(cluster)
    return expectation(
        admin,
        ceph_file.Want(filesystem, admin, reader, pool),
        f"{filesystem}/{pool}" if pool else filesystem,
        ("ceph", "filesystems", filesystem),
        "ceph",
        level=Level.BEHAVIOUR,
        needs=(need(admin, ceph_fs.Want, "all"), need(reader, ceph_keyrings.Want, "all")),
        within=WITHIN,
    )


def _gateway(site: Site, node: Node, cluster: Layout) -> Expectation:
    """It answers on its node, and with what only its pools can tell."""
    home = address(node, cluster.public_network)
    want = http.Want(home, cluster.spec.rgw_port, home, NO_BUCKET, 404, body=("NoSuchBucket",))
    (name,) = daemons(node, cluster)["rgw"]
    needs = (Unit.need(node.name, unit(node, "rgw", name)), _quorum(cluster))
    return _make(node.name, want, "gateway", ("ceph", "rgw"), *needs)


def _gateways(site: Site, cluster: Layout) -> Expectation:
    homes = {name: address(site.nodes[name], cluster.public_network) for name in cluster.rgws}
    want = ceph_gateway.Want(homes, cluster.spec.rgw_port, cluster.bootstrap_node)
    return expectation(
        cluster.bootstrap_node,
        want,
        "all",
        ("ceph", "rgw"),
        "ceph",
        level=Level.BEHAVIOUR,
        needs=(
            *(need(name, http.Want, "gateway") for name in homes),
            need(cluster.bootstrap_node, ceph_keyrings.Want, "all"),
        ),
        within=WITHIN,
    )


def _room(cluster: Layout) -> Expectation:
    """What is left in each pool, as long as its groups are where they should be."""
    admin, pools = cluster.bootstrap_node, cluster.pools
    want = ceph_df.Want(
        {pool.name: tuple(osd.id for osd in cluster.holders(pool)) for pool in pools},
        {pool.name: _floats(rates(cluster, pool)) for pool in pools},
        cluster.number(FULL),
        admin,
    )
    needs = (need(admin, ceph_pgs.Want, pool.name) for pool in pools)
    return _make(admin, want, "all", ("ceph", "pools"), *needs)


def _floats(pair: tuple[Fraction, Fraction]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


def _pool(cluster: Layout, pool: PoolLayout) -> Iterator[Expectation]:
    admin, name = cluster.bootstrap_node, pool.name
    want = ceph_pool.Want(
        name,
        pool.size,
        pool.min_size,
        pool.pg_num,
        pool.application,
        cluster.spec.failure_domain,
        admin,
        pool.device_class,
        pool.data,
        pool.overwritten,
    )
    made = (Unit.need(admin, FORMATION), _quorum(cluster))
    yield _make(admin, want, name, pool.path, *made)
    as_planned = (
        need(admin, ceph_mgr.Want, "managers"),
        need(admin, ceph_pool.Want, name),
        *_everything(cluster),
    )
    count = copies(cluster, pool)
    groups = ceph_pgs.Want(name, states(pool, count), admin, moved(cluster, pool))
    yield _make(admin, groups, name, pool.path, *as_planned)
    reader = _reader(cluster)
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
