"""The site as everything after it sees it: ranges expanded, names resolved, ids derived."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from generator.language.findings import Path
from generator.language.forms import Network
from generator.language.ranges import RangeError, expand
from generator.language.spec import SiteSpec
from generator.platforms import Platform, families

# Names in the order in which devices were discovered (udev(7)): another one after the next boot.
REORDERED = ("/dev/sd", "/dev/vd", "/dev/nvme")
# All below them is the system's, too; of the others only they themselves are.
_SYSTEM_TREES = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root"),
    *("/run", "/sbin", "/sys", "/tmp", "/usr", "/var/lock", "/var/run", "/lost+found"),
    *("/var/lib/stook", "/var/lib/systemd", "/var/lib/dbus", "/var/lib/cloud"),
    *("/var/lib/pam", "/var/lib/private", "/var/spool/cron", "/var/log/journal"),
    *("/var/lib/ceph", "/var/lib/chrony", "/var/lib/fail2ban", "/var/lib/glusterd"),
)
_SYSTEM_PLACES = frozenset(
    ("/home", "/var", "/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/tmp", "/var/mail")
)


def is_system_place(path: str, further: Iterable[str] = ()) -> bool:
    """Whether a mount there would hide what the system, or Stook, needs to run.

    `further` are trees that are some platform's.
    """
    trees = (*_SYSTEM_TREES, *further)
    below = any(path == tree or path.startswith(f"{tree}/") for tree in trees)
    return below or path in _SYSTEM_PLACES


@dataclass(frozen=True, slots=True)
class Node:
    """One machine. `path` is the spec key that it comes from; `address` the first network's."""

    name: str
    address: str
    addresses: Mapping[str, str]
    aliases: tuple[str, ...]
    zone: str
    platform: Platform
    path: Path


@dataclass(frozen=True, slots=True)
class SiteDisk:
    """One disk of one node. `path` is the spec key of the disk, `device_path` of its device."""

    name: str
    node: str
    device: str
    mount: str
    filesystem: str
    uuid: str
    options: tuple[str, ...]
    path: Path
    device_path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A whole site, resolved. `digest` is the SHA-256 of the spec's meaning, not its layout."""

    name: str
    identity: str
    digest: str
    provider: str
    networks: Mapping[str, tuple[Network, ...]]
    nodes: Mapping[str, Node]
    disks: tuple[SiteDisk, ...]
    spec: SiteSpec
    by_node: Mapping[str, tuple[SiteDisk, ...]] = field(default_factory=dict)

    def derived(self, *names: str) -> str:
        """A UUID that depends on the site's identity and these names only (RFC 9562, v5)."""
        return derived(self.identity, *names)

    def is_system_place(self, path: str) -> bool:
        """Whether a path is the system's on any of the nodes, their packages' database included."""
        names = sorted({node.platform.family for node in self.nodes.values()})
        return is_system_place(path, (one for name in names for one in families.load(name).PLACES))

    def platform_path(self, node: Node) -> Path:
        """Where the spec says what a node runs; where it does not, the node's own place."""
        if self.spec.nodes[str(node.path[-1])].platform is not None:
            return (*node.path, "platform")
        return ("platform",) if "platform" in self.spec.model_fields_set else node.path

    def select(self, names: Iterable[str]) -> tuple[str, ...]:
        """The nodes that a selector means, in the order of `nodes`; all when it is empty."""
        wanted = {name for item in names for name in _expand_quietly(item)}
        return tuple(n for n in self.nodes if not wanted or n in wanted)

    def zones(self, among: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Which of these nodes are in each zone, for zones that hold several of them."""
        by_zone: dict[str, tuple[str, ...]] = {}
        for name in among:
            zone = self.nodes[name].zone
            if zone:
                by_zone[zone] = (*by_zone.get(zone, ()), name)
        return {zone: names for zone, names in by_zone.items() if len(names) > 1}

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """The nodes that a selector means, each once, in the order in which it names them."""
        named = (name for item in names for name in _expand_quietly(item))
        return tuple(dict.fromkeys(name for name in named if name in self.nodes))


def derived(identity: str, *names: str) -> str:
    """uuid5 of the identity and a slash-joined name."""
    return str(uuid.uuid5(uuid.UUID(identity), "/".join(names)))


def _expand_quietly(text: str) -> tuple[str, ...]:
    try:
        return expand(text)
    except RangeError:
        return ()
