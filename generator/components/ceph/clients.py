"""Users who are none of a cluster's daemons: what can be wrong, and how they get their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.claims import Claims, Secret, User
from generator.components.ceph.caps import ClientLayout, everything, malformed, named
from generator.components.ceph.keys import SECRETS
from generator.components.ceph.layout import GATEWAY_POOLS, Layout
from generator.language.findings import Finding, Rule, Severity
from generator.planning.resolve import selector
from generator.planning.site import Node, Site

_CAPS = "docs.ceph.com, user management, authorization (capabilities)"

MALFORMED = Rule(
    "C128",
    "rights that Ceph does not read, or that give nothing",
    "What a daemon cannot read lets nobody in, and a profile that it does not know, or a `network` "
    "that is none, gives nothing. With its key, the monitors take in all of them without a word.",
    "write them as `ceph auth` shows them: `profile rbd pool=NAME`, `allow rw fsname=NAME path=/x`",
    source=f"{_CAPS}; `auth add` and `auth import` of 16.2.15 and 18.2.7",
)
NOT_THERE = Rule(
    "C129",
    "rights on what the cluster does not have",
    "A pool or a file system that does not exist is no error to Ceph: the client is refused "
    "everything there is.",
    "name one of `pools` or `filesystems`",
    source=_CAPS,
)
OURS = Rule(
    "C130",
    "a client by a name of the cluster's own",
    "`client.admin` and `client.bootstrap-...` have their keys and rights from Stook; another key "
    "under such a name would lock it, or daemons, out.",
    "use another name",
    source="docs.ceph.com, user management",
)
EVERYTHING = Rule(
    "C131",
    "a client that may do everything",
    "Whoever may run the monitors' commands `auth` makes users or reads any key, and so gets every "
    "other right: with `allow *`, `allow rwx`, `allow rx`, either of `service auth`, a command of "
    "`auth`, or `profile role-definer` a key is as good as that of `client.admin`.",
    "give it what it needs, such as `profile rbd` or `allow r`, or make its node one of `admin`",
    Severity.WARNING,
    source=_CAPS,
)
NOBODYS = Rule(
    "C132",
    "a key for an account that nobody makes",
    "`apply` gives the key to that account or group. Where the node has none by that name it "
    "stops, and puts back what was there.",
    "name an account of `admins` or of the platform; accept this if a package of `services` makes "
    "it",
    Severity.WARNING,
)
RULES = (MALFORMED, NOT_THERE, OURS, EVERYTHING, NOBODYS)
BOOTSTRAP = "bootstrap-"


def selectors(site: Site, cluster: Layout) -> Iterator[Finding]:
    """Nodes of clients that are none."""
    for name, client in cluster.spec.clients.items():
        yield from selector(site, client.nodes, ("ceph", "clients", name, "nodes"))


def check(cluster: Layout) -> Iterator[Finding]:
    """Every finding about clients by themselves."""
    for client in cluster.clients:
        if client.name == "admin" or client.name.startswith(BOOTSTRAP):
            yield OURS.at(client.path, f"`{client.entity}` is Stook's", key=True)
        for service, text in client.caps.items():
            path = (*client.path, "caps", service)
            wrong = malformed(service, text, cluster.release.name)
            if wrong:
                yield MALFORMED.at(path, wrong)
                continue
            yield from _named(cluster, client, service)
        if everything(client.caps["mon"]):
            message = f"`{client.entity}` makes users or reads their keys, and so may do everything"
            yield EVERYTHING.at((*client.path, "caps", "mon"), message)


def _named(cluster: Layout, client: ClientLayout, service: str) -> Iterator[Finding]:
    known = {
        "pool": {
            *cluster.spec.pools,
            cluster.release.own_pool,
            *(GATEWAY_POOLS if cluster.rgws else ()),
        },
        "file system": set(cluster.spec.filesystems),
    }
    for one in named(service, client.caps[service]):
        if one.name not in known[one.kind]:
            message = f"there is no {one.kind} `{one.name}`"
            yield NOT_THERE.at((*client.path, "caps", service), message)


def review(site: Site, cluster: Layout, claims: Claims) -> Iterator[Finding]:
    """Accounts and groups that neither the spec nor a node's platform makes."""
    for client in cluster.clients:
        for node in client.nodes:
            known = set(accounts(site.nodes[node])) | {u.name for u in claims.of(User, node)}
            for key, name in (("owner", client.owner), ("group", client.group)):
                if name not in known:
                    written = key if getattr(cluster.spec.clients[client.name], key) else "owner"
                    message = f"nothing of the spec makes the {key} `{name}` on `{node}`"
                    yield NOBODYS.at((*client.path, written), message)
                    return


def accounts(node: Node) -> Iterator[str]:
    """Accounts and groups that packages of a node's platform make, whichever are there."""
    return (name for names in node.platform.accounts.values() for name in names)


def keyfile(node: Node, cluster: Layout, client: ClientLayout) -> str:
    """Where a client's key is on a node; empty where the node does not have it."""
    if node.name in client.nodes:
        return client.keyfile
    return f"{SECRETS}/{client.secret}" if node.name == cluster.bootstrap_node else ""


def keys(node: Node, cluster: Layout) -> Iterator[Secret]:
    """The keys of a node's clients; of all of them on the node that gives them to the monitors."""
    for client in cluster.clients:
        uses, path = node.name in client.nodes, keyfile(node, cluster, client)
        if path:
            yield Secret(
                node=node.name,
                spec=client.path,
                role="ceph/client",
                name=client.secret,
                path=path,
                owner=client.owner if uses else "root",
                group=client.group if uses else "root",
                mode=client.mode if uses else "0600",
                purpose=f"key of {client.entity}",
                form="cephx",
            )


def sections(node: Node, cluster: Layout) -> Mapping[str, Mapping[str, str]]:
    """What ceph.conf sets for the clients of a node alone: where their keys are."""
    here = (client for client in cluster.clients if node.name in client.nodes)
    return {client.entity: {"keyfile": client.keyfile} for client in here}


def plan(node: Node, cluster: Layout) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """What `ceph-seed` is told of clients, on the node that gives the monitors their keys."""
    mine = cluster.clients if node.name == cluster.bootstrap_node else ()
    return {
        "clients": tuple((client.name, keyfile(node, cluster, client)) for client in mine),
        "caps": tuple((client.name, *cap) for client in mine for cap in client.caps.items()),
    }
