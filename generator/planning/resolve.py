"""Spec to site and parts: what it means, and every finding about how the site fits together.

`resolve` reports all it can and still returns a site, which only counts when none of the findings
is an error.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping

from generator import platforms
from generator.components import TABLE, Entry, asked_for
from generator.language.findings import Finding, Path, Rule, Severity, nearest
from generator.language.ranges import RangeError, expand
from generator.language.spec import DiskSpec, NodeSpec, SiteSpec
from generator.planning.component import Resolved
from generator.planning.site import (
    SYSTEM_PLACES,
    SYSTEM_USERS,
    Address,
    Disk,
    Network,
    Node,
    Site,
    derived,
)
from generator.platforms import Platform

RULES = (
    Rule(
        "N101",
        "not a node name",
        "Node names become host names, unit names and file names; single lower-case labels are "
        "what all of them take.",
        "use one label: a letter, then letters, digits and hyphens, 63 at the most",
        source="hostname(7), RFC 1123 section 2.1",
    ),
    Rule(
        "N102",
        "a range that does not fit",
        "The n-th name takes the n-th value, so a range of names and the ranges beside it need "
        "the same length.",
        "write every range with the same number of values, such as [1:3] and [11:13]",
    ),
    Rule(
        "N103",
        "a name is given twice",
        "Two machines under one name answer for each other.",
        "give each node and each alias a name of its own",
    ),
    Rule(
        "N104",
        "not an address of its network",
        "A node outside its network is not reached where the firewall and the daemons expect it.",
        "use an address of the network's blocks, not its first (network) or last (broadcast) one",
    ),
    Rule(
        "N105",
        "an address is given twice",
        "Two machines with one address take turns in answering.",
        "give every node its own address",
    ),
    Rule(
        "N106",
        "a selector that names no node",
        "What is meant for that node would silently not happen.",
        "use a node's name or a range of names, such as node-gfs[1:3]",
    ),
    Rule(
        "N107",
        "an unknown network",
        "Ports and addresses are tied to networks by name.",
        "use a name from `networks`",
    ),
    Rule(
        "N108",
        "not a network block",
        "A block that cannot be read, or has host bits set, filters something else than it shows.",
        "write it as ADDRESS/LENGTH with all host bits zero, such as 10.77.0.0/24",
    ),
    Rule(
        "N109",
        "a node without an address",
        "The address of the first network is what peers and hosts files use.",
        "give `address`, or `addresses` with the first network",
    ),
    Rule(
        "N110",
        "two file systems in one place",
        "The second mount hides the first, or the second format destroys it.",
        "give every disk of a node its own device, mount point and UUID",
    ),
    Rule(
        "N111",
        "a disk over a system directory",
        "Mounting there hides what the system needs to run.",
        "mount it below a directory of its own, such as /srv or /glusterfs",
    ),
    Rule(
        "N112",
        "one UUID for several disks",
        "fstab finds file systems by UUID; two with the same one cannot be told apart.",
        "leave `uuid` out (it is derived), or describe each node's disk by itself",
    ),
    Rule(
        "N113",
        "nobody may log in",
        "When something breaks at night there is no way in but the console.",
        "add `admins: {ops: {ssh_keys: [...]}}`",
        Severity.WARNING,
    ),
    Rule(
        "N114",
        "no time sources",
        "Clocks that drift apart break self-heal decisions, logs and bans, and nothing says so.",
        "add `time: {servers: [...]}` with servers that all nodes reach",
        Severity.WARNING,
        source="TRAPS C05; chrony.conf(5)",
    ),
    Rule(
        "N115",
        "an account of the system's own",
        "The spec makes people's accounts; changing one of the system's breaks daemons.",
        "use another name, such as `ops`",
    ),
    Rule(
        "P101",
        "an unknown platform",
        "Package names, paths and units differ between systems; there is no data for this one.",
        "use one of the platforms that `stook plan` and the reference list",
    ),
    Rule(
        "P102",
        "a platform that a component cannot live on",
        "The platform's data does not say what the component's packages, units or files are called "
        "there; a guess would end in a node that never comes up.",
        "use another platform for these nodes, or add what is missing to the platform's file",
    ),
    Rule(
        "H07",
        "a device name that reorders",
        "/dev/sdX names follow the order of discovery and can change at any boot, and then the "
        "wrong disk is formatted.",
        "name the device by /dev/disk/by-id/..., or by the provider's fixed name",
        Severity.WARNING,
        source="systemd/udev persistent naming; Start9Labs/start-technologies#3923",
    ),
)
(
    NODE_NAME,
    BAD_RANGE,
    SAME_NAME,
    BAD_ADDRESS,
    SAME_ADDRESS,
    NO_NODE,
    NO_NETWORK,
    BAD_BLOCK,
    NO_ADDRESS,
    SAME_PLACE,
    SYSTEM_PLACE,
    SAME_UUID,
    NO_ADMIN,
    NO_TIME,
    SYSTEM_USER,
    UNKNOWN_PLATFORM,
    INCOMPLETE,
    REORDERS,
) = RULES


def resolve(spec: SiteSpec, digest: str) -> tuple[Site, tuple[Finding, ...]]:
    """A site from its decoded spec, with every finding about how its parts fit together."""
    findings: list[Finding] = []
    networks = dict(_networks(spec, findings))
    nodes = {node.name: node for node in _nodes(spec, networks, findings)}
    _unique(nodes.values(), findings)
    disks = tuple(_disks(spec, nodes, findings))
    by_node: dict[str, list[Disk]] = {name: [] for name in nodes}
    for disk in disks:
        by_node[disk.node].append(disk)
    _places(by_node, findings)
    _people(spec, nodes.values(), findings)
    site = Site(
        name=spec.site,
        identity=spec.identity,
        digest=digest,
        provider=spec.provider,
        networks=networks,
        nodes=nodes,
        disks=disks,
        spec=spec,
        by_node={name: tuple(found) for name, found in by_node.items()},
    )
    return site, tuple(findings)


def parts(
    site: Site, table: tuple[Entry, ...] = TABLE
) -> tuple[tuple[Resolved, ...], tuple[Finding, ...]]:
    """The components that are on a site, each with its own part of it; and those that cannot be."""
    given = [key for key, part in site.spec if part is not None]
    every = [entry.load() for entry in asked_for(given, table)]
    wrong = [_incomplete(site, one.name, *found) for one in every for found in one.lacking(site)]
    if wrong:
        return (), tuple(wrong)
    found = (component.on(site) for component in every)
    return tuple(part for part in found if part is not None), ()


def _incomplete(site: Site, component: str, node: Node, key: str) -> Finding:
    own = site.spec.nodes[str(node.path[-1])].platform is not None
    where: Path = (*node.path, "platform") if own else ("platform",)
    message = f"{node.platform.platform} has no `{key}`, which {component} needs"
    return INCOMPLETE.at(where, message)


def selector(site: Site, names: Iterable[str], path: Path) -> Iterator[Finding]:
    """What is wrong with a selector at a path of the spec."""
    for name in names:
        try:
            missing = [item for item in expand(name) if item not in site.nodes]
        except RangeError as error:
            yield BAD_RANGE.at(path, str(error))
            continue
        if missing:
            yield NO_NODE.at(
                path, f"no node is called `{missing[0]}`", nearest(missing[0], site.nodes)
            )


def _networks(spec: SiteSpec, findings: list[Finding]) -> Iterator[tuple[str, tuple[Network, ...]]]:
    for name, blocks in spec.networks.items():
        found: list[Network] = []
        for block in blocks:
            try:
                found.append(ipaddress.ip_network(block))
            except ValueError as error:
                findings.append(BAD_BLOCK.at(("networks", name), str(error)))
        yield name, tuple(found)


def _nodes(
    spec: SiteSpec, networks: Mapping[str, tuple[Network, ...]], findings: list[Finding]
) -> Iterator[Node]:
    seen: dict[str, Path] = {}
    for key, item in spec.nodes.items():
        path: Path = ("nodes", key)
        platform = _platform(spec, item, path, findings)
        for name, values in _expanded(key, item, path, findings):
            if not _is_label(name):
                findings.append(NODE_NAME.at(path, f"`{name}` is not a node name", key=True))
            elif name in seen:
                findings.append(
                    SAME_NAME.at(path, f"`{name}` is given twice", key=True, also=(seen[name],))
                )
            elif platform:
                seen[name] = path
                addresses = dict(_addresses(spec, item, values, networks, path, findings))
                yield Node(
                    name=name,
                    address=addresses.get(next(iter(networks), ""), ""),
                    addresses=addresses,
                    aliases=tuple(values[("aliases", i)] for i in range(len(item.aliases))),
                    zone=item.zone or "",
                    platform=platform,
                    path=path,
                )


def _platform(
    spec: SiteSpec, item: NodeSpec, path: Path, findings: list[Finding]
) -> Platform | None:
    name = item.platform or spec.platform
    try:
        return platforms.load(name)
    except KeyError:
        where: Path = (*path, "platform") if item.platform else ("platform",)
        known = ", ".join(platforms.names())
        finding = UNKNOWN_PLATFORM.at(where, f"no data for platform `{name}`", f"known: {known}")
        if finding not in findings:
            findings.append(finding)
        return None


def _is_label(name: str) -> bool:
    return re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", name) is not None


def _expanded(
    key: str, item: NodeSpec, path: Path, findings: list[Finding]
) -> Iterator[tuple[str, dict[Path, str]]]:
    """Each name of a key with its own value for every text of the node that may hold a range."""
    texts: dict[Path, str] = {}
    if item.address is not None:
        texts["address",] = item.address
    texts |= {("addresses", network): text for network, text in item.addresses.items()}
    texts |= {("aliases", i): text for i, text in enumerate(item.aliases)}
    try:
        names = expand(key)
    except RangeError as error:
        findings.append(BAD_RANGE.at(path, str(error), key=True))
        return
    columns: dict[Path, tuple[str, ...]] = {}
    for where, text in texts.items():
        columns[where] = _column(text, len(names), (*path, *where), findings)
    for index, name in enumerate(names):
        yield name, {where: column[index] for where, column in columns.items()}


def _column(text: str, count: int, path: Path, findings: list[Finding]) -> tuple[str, ...]:
    # an IPv6 address may stand in brackets nowhere in a spec, so a bracket is always a range
    try:
        values = expand(text)
    except RangeError as error:
        findings.append(BAD_RANGE.at(path, str(error)))
        return (text,) * count
    if len(values) == count:
        return values
    message = f"`{text}` is {len(values)} value(s) for {count} node(s)"
    findings.append(BAD_RANGE.at(path, message))
    return (values[0],) * count


def _addresses(
    spec: SiteSpec,
    item: NodeSpec,
    values: Mapping[Path, str],
    networks: Mapping[str, tuple[Network, ...]],
    path: Path,
    findings: list[Finding],
) -> Iterator[tuple[str, str]]:
    first = next(iter(networks), "")
    given: dict[str, Path] = {name: ("addresses", name) for name in item.addresses}
    if item.address is not None:
        given = {first: ("address",)} | given
    if first not in given:
        findings.append(NO_ADDRESS.at(path, f"no address in `{first}`, the first network"))
    for network, where in given.items():
        if network not in networks:
            findings.append(NO_NETWORK.at((*path, *where), f"no network `{network}`", key=True))
            continue
        address = _address(values[where], networks[network], network)
        if isinstance(address, str):
            findings.append(BAD_ADDRESS.at((*path, *where), address))
        else:
            yield network, str(address)


def _address(text: str, blocks: tuple[Network, ...], network: str) -> Address | str:
    """The address, or what is wrong with it."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return f"`{text}` is not an IP address"
    if address.is_loopback or address.is_multicast or address.is_unspecified:
        return f"`{text}` cannot be a node's address"
    home = next((block for block in blocks if address in block), None)
    if home is None:
        shown = ", ".join(map(str, blocks))
        return f"`{text}` is not in `{network}` ({shown})"
    edges = (home.network_address, home.broadcast_address)
    if address in edges and home.prefixlen < home.max_prefixlen - 1 and address.version == 4:
        return f"`{text}` is the network or broadcast address of {home}"
    return address


def _unique(nodes: Iterable[Node], findings: list[Finding]) -> None:
    addresses: dict[str, Node] = {}
    names: dict[str, Node] = {}
    nodes = tuple(nodes)
    names.update((node.name, node) for node in nodes)
    for node in nodes:
        for address in node.addresses.values():
            other = addresses.setdefault(address, node)
            if other is not node:
                message = f"`{address}` is also the address of `{other.name}`"
                findings.append(SAME_ADDRESS.at(node.path, message, also=(other.path,)))
        for alias in node.aliases:
            other = names.setdefault(alias, node)
            if other is not node:
                message = f"`{alias}` also names `{other.name}`"
                findings.append(SAME_NAME.at(node.path, message, also=(other.path,)))
            if not all(_is_label(label) for label in alias.split(".")):
                message = f"`{alias}` is not a host name"
                findings.append(NODE_NAME.at((*node.path, "aliases"), message))


def _disks(spec: SiteSpec, nodes: Mapping[str, Node], findings: list[Finding]) -> Iterator[Disk]:
    for name, item in spec.disks.items():
        path: Path = ("disks", name)
        chosen = _choose(item, nodes, path, findings)
        if item.uuid and len(chosen) > 1:
            message = f"`uuid` is given for {len(chosen)} nodes at once"
            findings.append(SAME_UUID.at((*path, "uuid"), message))
        if item.mount in SYSTEM_PLACES:
            findings.append(SYSTEM_PLACE.at((*path, "mount"), f"`{item.mount}` is the system's"))
        if item.device.startswith("/dev/sd"):
            findings.append(REORDERS.at((*path, "device"), f"`{item.device}` may change at boot"))
        for node in chosen:
            yield Disk(
                name=name,
                node=node,
                device=item.device,
                mount=item.mount,
                filesystem=item.filesystem,
                uuid=item.uuid or derived(spec.identity, "disk", node, name),
                options=tuple(item.options),
                path=path,
            )


def _choose(
    item: DiskSpec, nodes: Mapping[str, Node], path: Path, findings: list[Finding]
) -> tuple[str, ...]:
    if not item.nodes:
        return tuple(nodes)
    chosen: list[str] = []
    for text in item.nodes:
        try:
            names = expand(text)
        except RangeError as error:
            findings.append(BAD_RANGE.at((*path, "nodes"), str(error)))
            continue
        missing = [name for name in names if name not in nodes]
        if missing:
            message = f"no node is called `{missing[0]}`"
            findings.append(NO_NODE.at((*path, "nodes"), message))
        chosen += [name for name in names if name in nodes]
    return tuple(dict.fromkeys(chosen))


def _places(by_node: Mapping[str, list[Disk]], findings: list[Finding]) -> None:
    told: set[tuple[Path, Path, str]] = set()
    for disks in by_node.values():
        for field_name in ("device", "mount", "uuid"):
            seen: dict[str, Disk] = {}
            for disk in disks:
                value = getattr(disk, field_name)
                other = seen.setdefault(value, disk)
                key = (disk.path, other.path, field_name)
                if other is not disk and key not in told:
                    told.add(key)
                    message = f"{field_name} `{value}` is also that of disk `{other.name}`"
                    findings.append(SAME_PLACE.at(disk.path, message, also=(other.path,)))


def _people(spec: SiteSpec, nodes: Iterable[Node], findings: list[Finding]) -> None:
    daemons = {name for node in nodes for name in node.platform.users.values()}
    if not spec.admins:
        findings.append(NO_ADMIN.at((), "no admin may log in"))
    if spec.time is None:
        findings.append(NO_TIME.at((), "no time servers are named"))
    for name in spec.admins:
        if name in SYSTEM_USERS | daemons:
            message = f"`{name}` is an account of the system"
            findings.append(SYSTEM_USER.at(("admins", name), message, key=True))
    for name, admin in spec.admins.items():
        for index, block in enumerate(admin.from_):
            try:
                ipaddress.ip_network(block)
            except ValueError as error:
                findings.append(BAD_BLOCK.at(("admins", name, "from", index), str(error)))
