"""What can be wrong with a `web:` part. Facts: PHP, nginx, Varnish and WordPress as packaged."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from generator.claims import Claims, Mount, MountOrder, Occupied, Port, mount_of
from generator.components.web.layout import HTTP, Layout, size
from generator.components.web.model import Tarball
from generator.language import forms
from generator.language.findings import Finding, Path, Rule, Severity
from generator.planning.nodes import is_this_machine
from generator.planning.resolve import selector
from generator.planning.site import Node, Site

REVALIDATE = Rule(
    "G18",
    "files that PHP looks at over the network again and again",
    "WordPress loads hundreds of files for one page. On a network file system each look "
    "costs a round trip, and pages take seconds.",
    "leave `revalidate` at 10, or give it some seconds more",
    Severity.WARNING,
    source="docker-library/wordpress#715; PHP manual, opcache.revalidate_freq",
)
NOT_SHARED = Rule(
    "T101",
    "a document root that the nodes do not share",
    "Each node would have a WordPress of its own: an upload is tier by one visitor in two, "
    "and a repaired file stays broken elsewhere.",
    "put the root on a volume that all nodes of `web.nodes` mount, or serve from one node",
)
EDGE = Rule(
    "T102",
    "an edge that does not say who it is",
    "Behind load balancers, the address of a client is what they say it is; so they must be "
    "known by their networks. Where there are none, nobody's word counts.",
    "give `networks` with `mode: proxied`, and neither `networks` nor `tls` without it",
)
URL = Rule(
    "T103",
    "a url that this edge does not answer",
    "WordPress sends people to its own address. Where that has another scheme than what "
    "they are answered by, they are sent in circles.",
    "use `https://` exactly where `edge.tls` is `terminated`, and no port but the scheme's own",
    source="WordPress, redirect_canonical and is_ssl",
)
ROOT = Rule(
    "T104",
    "a document root in a bad place",
    "The web server shows what is below its root, and WordPress's files replace what is there. "
    "What is written into a brick beside GlusterFS is on one node only, and heals into nothing; an "
    "OSD takes all of its disk, and what else is there is full.",
    "use a directory of its own, such as /var/www/html, of letters, digits, `.`, `_` and `-`",
)
LOCAL_DATABASE = Rule(
    "T105",
    "a database that every node would have to itself",
    "On each node `localhost` is another machine: nodes would show different sites, or none.",
    "name the server by an address that all nodes reach",
)
UPLOAD = Rule(
    "T106",
    "an upload that PHP cannot hold",
    "A request that is larger than the memory of a script fails after it was sent in full.",
    "raise `memory_limit` above `upload_max`",
    Severity.WARNING,
    source="PHP manual, post_max_size and memory_limit",
)
WIDE = Rule(
    "T107",
    "a load balancer's network that anybody is in",
    "Whoever is in these networks can say under which address he comes: a ban never meets "
    "him, or it meets somebody else.",
    "name the load balancers' own networks, without the nodes",
    source="nginx, ngx_http_realip_module",
)
MEMORY = Rule(
    "T108",
    "more children than memory",
    "When all children are busy at once they may use this much memory, and the kernel ends "
    "the largest process of the node: a brick, or PHP's own master.",
    "lower `children` or `memory_limit`",
    Severity.INFO,
    source="PHP manual, pm.max_children and memory_limit",
)
PORT = Rule(
    "T109",
    "a port of the node for PHP",
    "Whoever has an account on the node can have PHP run any script as the web server's account, "
    "and so read the password of the database. A port asks nobody who he is.",
    "leave `listen` out: PHP then has a socket that only the web server's account may open",
    Severity.WARNING,
    source="PHP manual, FPM configuration: listen, listen.mode",
)
NO_DATABASE = Rule(
    "T110",
    "a database on a node that has none",
    "A node's firewall opens what the spec knows of, and nothing of the spec listens there: PHP "
    "waits for a connection that never comes, and each page with it.",
    "name the machine that has the database; where a node has it, add it to `services` with its "
    "port",
)
FROZEN = Rule(
    "T111",
    "a document root that nobody writes",
    "WordPress is put there once the volume is mounted, and keeps uploads there; on a read-only "
    "volume or mount it never comes, and the web server answers 503.",
    "take the option out, or put the document root elsewhere",
    source="glusterfs xlators/features/read-only; mount(8)",
)
LOGIN = Rule(
    "T112",
    "a password in the address of a release",
    "A spec is read by many, and so is the bundle that the address stands in. Secrets never stand "
    "in either.",
    "write an address without it: no release is a secret, and only that of its `sha256` is taken",
)
RULES = (
    LOGIN,
    NO_DATABASE,
    PORT,
    REVALIDATE,
    NOT_SHARED,
    EDGE,
    URL,
    ROOT,
    LOCAL_DATABASE,
    UPLOAD,
    WIDE,
    MEMORY,
    FROZEN,
)

NETWORK_SECONDS = 2
MEMORY_LIMIT = 16 * 1024**3


def check(site: Site, tier: Layout) -> Iterator[Finding]:
    """Every finding about the edge, the document root, the database and PHP."""
    yield from selector(site, tier.spec.nodes, ("web", "nodes"))
    yield from _edge(site, tier)
    yield from _release(tier)
    yield from _url(tier)
    yield from _root(site, tier)
    yield from _database(tier)
    yield from _php(tier)


def _edge(site: Site, tier: Layout) -> Iterator[Finding]:
    edge, path = tier.spec.edge, ("web", "edge")
    if edge.mode == "proxied" and not edge.networks:
        yield EDGE.at(path, "`proxied` without the networks of the load balancers")
    if edge.mode == "direct" and (edge.networks or edge.tls != "none"):
        key = "networks" if edge.networks else "tls"
        yield EDGE.at((*path, key), f"`{key}` means nothing in `mode: direct`")
    for index, text in enumerate(edge.networks):
        where: Path = (*path, "networks", index)
        network = ipaddress.ip_network(text)
        inside = [
            node.name
            for node in site.nodes.values()
            if any(_within(address, text) for address in node.addresses.values())
        ]
        if network.prefixlen == 0 or network.is_loopback:
            yield WIDE.at(where, f"`{text}` believes everybody")
        elif inside:
            yield WIDE.at(where, f"`{inside[0]}` itself is in `{text}`")
    blocks = [ipaddress.ip_network(text) for text in edge.networks]
    for version in forms.everybody(block for block in blocks if block.prefixlen):
        message = f"together, all networks are all of IPv{version}"
        yield WIDE.at((*path, "networks"), message, key=True)


def _within(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)


def _release(tier: Layout) -> Iterator[Finding]:
    source = tier.spec.wordpress.source
    if isinstance(source, Tarball) and forms.has_login(source.tarball):
        where = ("web", "wordpress", "source", "tarball")
        yield LOGIN.at(where, "the address of the release has a login in it")


def _url(tier: Layout) -> Iterator[Finding]:
    where, url = ("web", "wordpress", "url"), tier.spec.wordpress.url
    scheme = url.partition(":")[0]
    wanted = "https" if tier.terminated else "http"
    if scheme != wanted:
        yield URL.at(where, f"`{url}`, where people are answered by {wanted}")
    elif ":" in tier.host:
        yield URL.at(where, f"`{url}` has a port, and port {HTTP} is what is answered")


def _root(site: Site, tier: Layout) -> Iterator[Finding]:
    where, root = ("web", "wordpress", "root"), tier.root
    if site.is_system_place(root):
        yield ROOT.at(where, f"`{root}` is the system's")
    elif not all(c.isalnum() or c in "/._-" for c in root):
        yield ROOT.at(where, f"`{root}` has characters that not every tool takes")
    for name, disk in site.spec.disks.items():
        if f"{disk.mount}/".startswith(f"{root}/"):
            message = f"`{root}` would show the disk `{name}` to the world"
            yield ROOT.at(where, message, also=(("disks", name, "mount"),))


def _frozen(tier: Layout, claims: Claims) -> Iterator[Finding]:
    """WordPress is put there, and people upload: a root that nobody writes stays empty."""
    mounts = (mount_of(tier.root, claims.of(Mount, name)) for name in tier.nodes)
    for mount in filter(None, mounts):
        option = mount.frozen or next((o for o in mount.options if o == "ro"), "")
        if option:
            message = f"nobody writes `{mount.path}`: `{option}`"
            yield FROZEN.at(("web", "wordpress", "root"), message, also=(mount.spec,))
            return


def review(site: Site, tier: Layout, claims: Claims) -> Iterator[Finding]:
    """Which nodes mount the volume that the root is on; G18 where there is one."""
    yield from _database_node(site, tier, claims)
    yield from _behind(tier, claims)
    where = ("web", "wordpress", "root")
    clients = _clients(site, tier, claims)
    if clients and tier.spec.php.revalidate < NETWORK_SECONDS:
        path = ("web", "php", "revalidate")
        message = f"every {tier.spec.php.revalidate} s each file is looked at over the network"
        yield REVALIDATE.at(path, message)
    yield from _frozen(tier, claims)
    if len(tier.nodes) < 2:
        return
    if not clients:
        yield NOT_SHARED.at(where, f"`{tier.root}` is on no volume, and {len(tier.nodes)} serve it")
        return
    nearest = max(clients, key=len)
    without = [name for name in tier.nodes if name not in clients[nearest]]
    if without:
        yield NOT_SHARED.at(where, f"`{without[0]}` does not mount `{nearest}`")


def _behind(tier: Layout, claims: Claims) -> Iterator[Finding]:
    """Whether the root is on a disk that a daemon has for itself: behind its back, on a brick."""
    for node in tier.nodes:
        taken: list[MountOrder | Occupied] = [*claims.of(MountOrder, node)]
        for own in (*taken, *claims.of(Occupied, node)):
            if _below(tier.root, own.path):
                message = f"`{tier.root}` is on `{own.path}`, which {own.role} has for itself"
                yield ROOT.at(("web", "wordpress", "root"), message, also=(own.spec,))
                return


def _clients(site: Site, tier: Layout, claims: Claims) -> dict[str, set[str]]:
    """The mount points of volumes that the root is below, each with the nodes that have it."""
    clients: dict[str, set[str]] = {}
    for node in site.nodes:
        for mount in claims.of(Mount, node):
            if mount.late and _below(tier.root, mount.path):
                clients.setdefault(mount.path, set()).add(node)
    return clients


def _below(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}/")


def _database(tier: Layout) -> Iterator[Finding]:
    host = tier.spec.database.host
    if is_this_machine(host):
        yield LOCAL_DATABASE.at(("web", "database", "host"), f"`{host}` is each node itself")


def _database_node(site: Site, tier: Layout, claims: Claims) -> Iterator[Finding]:
    """A node by its name, an alias or an address, and what is claimed there."""
    database = tier.spec.database
    node = next((one for one in site.nodes.values() if database.host in _called(one)), None)
    listens = node is None or any(
        port.count and port.protocol == "tcp" and port.first <= database.port <= port.last
        for port in claims.of(Port, node.name)
    )
    if node and not listens:
        message = f"`{database.host}` is `{node.name}`, where nothing has port {database.port}"
        yield NO_DATABASE.at(("web", "database", "host"), message, also=(node.path,))


def _called(node: Node) -> tuple[str, ...]:
    return (node.name, *node.aliases, *node.addresses.values())


def _php(tier: Layout) -> Iterator[Finding]:
    php, path = tier.spec.php, ("web", "php")
    if php.listen != "socket":
        yield PORT.at((*path, "listen"), f"port {php.listen} is open to every local account")
    if size(php.upload_max) >= size(php.memory_limit):
        message = f"uploads of {php.upload_max} with {php.memory_limit} of memory"
        yield UPLOAD.at((*path, "upload_max"), message)
    most = php.children * size(php.memory_limit)
    if most > MEMORY_LIMIT:
        message = f"{php.children} children of {php.memory_limit} are {most // 1024**3} GiB"
        yield MEMORY.at((*path, "children"), message)
