"""The network of a lab: a namespace of its own with a bridge for each network of the topology.

Docker refuses networks that overlap, and two labs have the same addresses. So containers are made
without a network, and get their cables here each time they are started: a machine that is off has
none. Nothing of a lab is in the machine's own namespace, and no way leads out of it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

from verify.lab.errors import LabError
from verify.lab.topology import Box, Network, Topology

LABEL = "stook.lab"
NAMESPACES = Path("/run/netns")


@dataclass(frozen=True, slots=True)
class Cable:
    """Between an interface of a machine and a port of a bridge."""

    interface: str
    address: str
    port: str
    bridge: str

    def lay(self, namespace: str, pid: int) -> str:
        """As `ip -batch` is told; a machine keeps its hardware address, as others remember it."""
        inner = f"{self.interface} address {self.address} netns {pid}"
        return f"link add {inner} type veth peer name {self.port} netns {namespace}"


def create(topology: Topology) -> None:
    """Make the lab's namespace and its bridges."""
    _ip("netns", "add", topology.title)
    _batch(
        _into(topology),
        ("link set lo up", *(line for one in topology.networks for line in _bridge(one))),
    )


def remove(title: str) -> None:
    """Remove a lab's namespace with all that is in it, if it is there."""
    if Path(NAMESPACES, title).exists():
        _ip("netns", "del", title)


def plug(topology: Topology, box: Box, pid: int) -> None:
    """Connect a machine that has just been started, by the process id of its first process.

    Its last interface comes up last: a machine that waits for that one has all of them.
    """
    cables = tuple(_cables(topology, box))
    # What is left of the cables it had, the kernel clears away when it comes to it.
    _batch(_into(topology), (f"link del {cable.port}" for cable in cables), force=True)
    _batch((), (cable.lay(topology.title, pid) for cable in cables))
    _batch(_into(topology), (f"link set {one.port} master {one.bridge} up" for one in cables))
    _batch(("nsenter", f"--net=/proc/{pid}/ns/net"), inside(topology, box))


def inside(topology: Topology, box: Box) -> Iterator[str]:
    """What `ip -batch` is told in a machine's own namespace."""
    networks = {network.name: network for network in topology.networks}
    yield "link set lo up"
    for number, name in enumerate(box.networks):
        link, subnets = f"eth{number}", networks[name].subnets
        for address in box.addresses.get(name, ()):
            yield f"address add {_within(address, subnets)} dev {link}{_at_once(address)}"
        # Never preferred: what does not ask for one of them comes from the machine's own address.
        for address in box.further if number == 0 else ():
            yield f"address add {address} dev {link}{_at_once(address)} preferred_lft 0"
        yield f"link set {link} up"
        if name in box.legs:
            yield from (f"route add {subnet} dev {link}" for subnet in subnets)


def _cables(topology: Topology, box: Box) -> Iterator[Cable]:
    place = [one.name for one in (*topology.nodes, *topology.around)].index(box.name)
    bridges = {network.name: network.bridge for network in topology.networks}
    for number, name in enumerate(box.networks):
        address = f"02:00:00:00:{place:02x}:{number:02x}"
        yield Cable(f"eth{number}", address, f"m{place}-{number}", bridges[name])


def _bridge(network: Network) -> tuple[str, ...]:
    return (
        f"link add {network.bridge} type bridge forward_delay 0 mcast_snooping 0",
        f"link set {network.bridge} up",
    )


def _within(address: str, subnets: Iterable[str]) -> str:
    """An address with the length of its subnet."""
    home = next(net for net in map(ip_network, subnets) if ip_address(address) in net)
    return f"{address}/{home.prefixlen}"


def _at_once(address: str) -> str:
    # Nobody else has it, so nobody is asked whether it is taken.
    return " nodad" if ":" in address else ""


def _into(topology: Topology) -> tuple[str, ...]:
    return ("ip", "netns", "exec", topology.title)


def _batch(where: tuple[str, ...], lines: Iterable[str], force: bool = False) -> None:
    words = [*where, "ip", *(["-force"] if force else []), "-batch", "-"]
    _run(words, "\n".join(lines), check=not force)


def _ip(*words: str) -> None:
    _run(["ip", *words])


def _run(words: list[str], text: str = "", check: bool = True) -> None:
    try:
        done = subprocess.run(words, input=text, capture_output=True, text=True)
    except FileNotFoundError:
        raise LabError(f"{words[0]} is missing: python -m verify.lab.host up") from None
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(words)}: {done.stderr.strip()}\n{text}".strip())
