"""The nodes of a spec and their networks: names, ranges, addresses and aliases."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path as FilePath

from generator import platforms
from generator.language import forms
from generator.language.findings import NAMED, Finding, Path, nearest
from generator.language.forms import Address, Network
from generator.language.ranges import RangeError, expand, is_range, size
from generator.language.source import MAX_NODES, SIZE
from generator.language.spec import NodeSpec, SiteSpec
from generator.planning.rules import (
    BAD_ADDRESS,
    BAD_BLOCK,
    BAD_RANGE,
    NO_ADDRESS,
    NO_NETWORK,
    NO_NODE,
    NODE_NAME,
    OVERLAP,
    SAME_ADDRESS,
    SAME_NAME,
    UNKNOWN_PLATFORM,
    UNUSABLE,
)
from generator.planning.site import Node
from generator.platforms import Platform

# Ids and places of checks begin with a node's name, or with one of these; or it is a folder's.
RESERVED = frozenset(("outside", "cluster", "handbook"))
# What /etc/hosts of every machine has beside our block.
LOOPBACK = frozenset(
    (
        *("localhost", "localhost4", "localhost6", "localdomain", "broadcasthost"),
        *("ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix"),
        *("ip6-allnodes", "ip6-allrouters", "ip6-allhosts"),
    )
)


def too_many(spec: SiteSpec) -> Iterator[Finding]:
    """Whether there are more nodes than one spec is for; judged before any of them is made."""
    count = sum(map(size, spec.nodes))
    if count > MAX_NODES:
        message = f"{count:,} nodes are more than {MAX_NODES:,}, the most that one spec has"
        yield SIZE.at(("nodes",), message, key=True)


def networks(spec: SiteSpec, findings: list[Finding]) -> Iterator[tuple[str, tuple[Network, ...]]]:
    for name, blocks in spec.networks.items():
        parsed: list[Network] = []
        for index, block in enumerate(blocks):
            try:
                one = forms.network(block)
            except ValueError as error:
                findings.append(BAD_BLOCK.at(("networks", name, index), str(error)))
                continue
            parsed.append(one)
            if one.is_loopback or one.prefixlen == 0:
                whose = "everybody" if one.prefixlen == 0 else "each machine itself"
                message = f"`{block}` is {whose}, and no network of a site's"
                findings.append(BAD_BLOCK.at(("networks", name, index), message))
        yield name, tuple(parsed)


def separate(networks: Mapping[str, tuple[Network, ...]], findings: list[Finding]) -> None:
    """A finding for each block that another one has addresses of, too."""
    every = [(block, name) for name, blocks in networks.items() for block in blocks]
    widest: tuple[Network, str] | None = None
    for block, name in sorted(every, key=lambda one: _from_to(one[0])):
        if widest and widest[0].version == block.version and block.overlaps(widest[0]):
            message = f"`{block}` is in `{widest[0]}` of `{widest[1]}`"
            path, other = ("networks", name), ("networks", widest[1])
            findings.append(OVERLAP.at(path, message, also=() if name == widest[1] else (other,)))
        else:
            widest = block, name


def _from_to(block: Network) -> tuple[int, int, int]:
    return block.version, int(block.network_address), block.prefixlen


def nodes(
    spec: SiteSpec,
    networks: Mapping[str, tuple[Network, ...]],
    further: tuple[FilePath, ...],
    findings: list[Finding],
) -> Iterator[Node]:
    seen: dict[str, Path] = {}
    for key, item in spec.nodes.items():
        path: Path = ("nodes", key)
        platform = _platform(spec, item, path, further, findings)
        for name, values in _expanded(key, item, path, findings):
            if not _is_label(name):
                findings.append(NODE_NAME.at(path, f"`{name}` is not a node name", key=True))
            elif name in RESERVED or is_loopback(name):
                whose = "every machine's own" if is_loopback(name) else "one of Stook's"
                findings.append(NODE_NAME.at(path, f"`{name}` is {whose}", key=True))
            elif name in seen:
                findings.append(
                    SAME_NAME.at(path, f"`{name}` is given twice", key=True, also=(seen[name],))
                )
            elif platform:
                seen[name] = path
                own = dict(_addresses(spec, item, values, networks, path, findings))
                yield Node(
                    name=name,
                    address=own.get(next(iter(networks), ""), ""),
                    addresses=own,
                    aliases=tuple(
                        values["aliases", i]
                        for i in range(len(item.aliases))
                        if ("aliases", i) in values
                    ),
                    zone=item.zone or "",
                    platform=platform,
                    path=path,
                )


def _platform(
    spec: SiteSpec,
    item: NodeSpec,
    path: Path,
    further: tuple[FilePath, ...],
    findings: list[Finding],
) -> Platform | None:
    name = item.platform or spec.platform
    where: Path = (*path, "platform") if item.platform else ("platform",)
    try:
        return platforms.load(name, further)
    except KeyError:
        known = ", ".join(platforms.names())
        finding = UNKNOWN_PLATFORM.at(where, f"no data for platform `{name}`", f"known: {known}")
    except platforms.Unusable as error:
        finding = UNUSABLE.at(where, str(error))
    if finding not in findings:
        findings.append(finding)
    return None


def is_loopback(name: str) -> bool:
    """Resolvers take what ends in `localhost` for the loopback address, too (RFC 6761)."""
    labels = name.split(".")
    return labels[0] in LOOPBACK or labels[-1] == "localhost"


def is_this_machine(host: str) -> bool:
    """Whether a host, by name or address, is each machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return is_loopback(host.lower())


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
        # what does not fit has one finding, and gives no node a value that would bring more
        if column := _column(text, len(names), (*path, *where), findings):
            columns[where] = column
    for index, name in enumerate(names):
        yield name, {where: column[index] for where, column in columns.items()}


def _column(text: str, count: int, path: Path, findings: list[Finding]) -> tuple[str, ...]:
    """A value for each node, or none where the text's range does not fit."""
    # an IPv6 address may stand in brackets nowhere in a spec, so a bracket is always a range
    try:
        values = expand(text)
    except RangeError as error:
        findings.append(BAD_RANGE.at(path, str(error)))
        return ()
    if len(values) == count:
        return values
    message = f"`{text}` is {_counted(len(values), 'value')} for {_counted(count, 'node')}"
    findings.append(BAD_RANGE.at(path, message))
    return ()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


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
        if where not in values:
            continue
        address = _address(values[where], networks[network], network)
        if isinstance(address, str):
            findings.append(BAD_ADDRESS.at((*path, *where), address))
        else:
            yield network, str(address)


def _address(text: str, blocks: tuple[Network, ...], network: str) -> Address | str:
    """The address, or what is wrong with it."""
    try:
        address = forms.address(text)
    except ValueError as error:
        return str(error)
    if address.is_loopback or address.is_link_local:
        return f"`{text}` cannot be a node's address: it means another machine on each link"
    home = next((block for block in blocks if address in block), None)
    if home is None:
        blocks_text = ", ".join(map(str, blocks))
        return f"`{text}` is not in `{network}` ({blocks_text})"
    edges = (home.network_address, home.broadcast_address)
    if address in edges and home.prefixlen < home.max_prefixlen - 1 and address.version == 4:
        return f"`{text}` is the network or broadcast address of {home}"
    return address


def place(spec: SiteSpec, node: Node, network: str) -> Path:
    """Where the spec gives a node its address in a network."""
    item = spec.nodes[str(node.path[-1])]
    given = network in item.addresses
    return (*node.path, "addresses", network) if given else (*node.path, "address")


def unique(spec: SiteSpec, nodes: Iterable[Node], findings: list[Finding]) -> None:
    places: dict[str, Node] = {}
    names: dict[str, Node] = {}
    nodes = tuple(nodes)
    names.update((node.name, node) for node in nodes)
    for node in nodes:
        for network, address in node.addresses.items():
            other = places.setdefault(address, node)
            if other is not node:
                message = f"`{address}` is the address of `{other.name}` and of `{node.name}`"
                also = (place(spec, other, network),) if other.path != node.path else ()
                findings.append(SAME_ADDRESS.at(place(spec, node, network), message, also=also))
        for index, alias in enumerate(node.aliases):
            where = (*node.path, "aliases", index)
            other = names.setdefault(alias, node)
            if other is not node:
                message = f"`{alias}` is a name of `{other.name}` and of `{node.name}`"
                findings.append(SAME_NAME.at(where, message, also=(other.path,)))
            if is_loopback(alias):
                message = f"`{alias}` is every machine's own name for itself"
                findings.append(SAME_NAME.at(where, message))
            elif not all(_is_label(label) for label in alias.split(".")):
                message = f"`{alias}` is not a host name"
                findings.append(NODE_NAME.at(where, message))


def no_node(written: str, missing: Sequence[str], nodes: Collection[str], path: Path) -> Finding:
    """One finding for all names of a selector, as it is written, that no node has."""
    named = ", ".join(f"`{name}`" for name in missing[:NAMED])
    more = f", and {len(missing) - NAMED:,} more of it" if len(missing) > NAMED else ""
    return NO_NODE.at(path, f"no node is called {named}{more}", _way(written, nodes))


def _way(written: str, nodes: Collection[str]) -> str:
    """A name may be mistyped; a range has ends, and a number is no name."""
    if not is_range(written):
        return "" if written.isdigit() else nearest(written, nodes)
    there = [name for name in expand(written) if name in nodes]
    if not there:
        return ""
    ends = f"`{there[0]}`" if len(there) == 1 else f"`{there[0]}` to `{there[-1]}`"
    return f"of `{written}` there is {ends}"
