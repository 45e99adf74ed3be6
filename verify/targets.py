"""How the nodes of a site are reached: local, ssh, docker, or a connection of testinfra's."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Protocol
from urllib.parse import urlencode

from verify.bundles import Bundle
from verify.kinds import Environment
from verify.transport import AS_ANYBODY, AS_ROOT, Nowhere, Place, Program, Testinfra, local

DOCKER_DNS = "127.0.0.11"
DOCKER_FILES = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")


class Target(Protocol):
    """All places of a site."""

    @property
    def name(self) -> str: ...
    def node(self, name: str) -> Place: ...
    def outside(self) -> Place: ...


@dataclass(frozen=True, slots=True)
class Local:
    """The node that verify itself runs on."""

    me: str
    out: Place
    name: str = "local"

    def node(self, name: str) -> Place:
        """Only this one; the others of its site cannot be asked from here."""
        if name == self.me:
            return local()
        return Nowhere(f"--target local reaches {self.me} only")

    def outside(self) -> Place:
        """As given by --outside."""
        return self.out


@dataclass(frozen=True, slots=True)
class Ssh:
    """Nodes by their names, through the user's ssh and its configuration.

    A name that neither the configuration nor the resolver knows is reached at the spec's address,
    its host key still being looked up under the name.
    """

    addresses: Mapping[str, str]
    out: Place
    user: str = ""
    config: Path | None = None
    identity: Path | None = None
    name: str = "ssh"

    def node(self, name: str) -> Place:
        """Host keys are always checked, whatever the configuration says."""
        return Program([*self._ssh(), *self._where(name), name, f"sh -c {quote(AS_ROOT)}"])

    def outside(self) -> Place:
        """As given by --outside."""
        return self.out

    def _ssh(self) -> list[str]:
        own = ["-F", str(self.config)] if self.config else []
        own += ["-i", str(self.identity)] if self.identity else []
        user = ["-l", self.user] if self.user else []
        checked = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
        return ["ssh", "-T", *own, *user, *checked, "-o", "ConnectTimeout=10"]

    def _where(self, name: str) -> list[str]:
        resolved = subprocess.run([*self._ssh(), "-G", name], capture_output=True, text=True)
        if resolved.returncode or f"hostname {name}\n" not in resolved.stdout:
            return []
        if "proxyjump " in resolved.stdout or "proxycommand " in resolved.stdout or _resolves(name):
            return []
        address = self.addresses.get(name)
        return ["-o", f"HostName={address}", "-o", f"HostKeyAlias={name}"] if address else []


def _resolves(name: str) -> bool:
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Docker:
    """Containers that bear the labels `stook.site` and `stook.node` (or `stook.role`).

    Where a site runs more than once, `stook.folder` tells whose bundles are meant.
    """

    site: str
    folder: Path
    out: Place
    name: str = "docker"

    def node(self, name: str) -> Place:
        """The running container of a node, with what Docker itself adds to it."""
        ids = of_site(self.site, self.folder, f"stook.node={name}")
        if len(ids) != 1:
            return Nowhere(f"{len(ids)} running containers have its labels")
        shape = "{{range .Mounts}}{{println .Destination}}{{end}}"
        mounts = (*DOCKER_FILES, *_docker("inspect", "--format", shape, ids[0]))
        environment = Environment((DOCKER_DNS,), mounts)
        return Program(["docker", "exec", "-i", ids[0], "sh", "-s"], environment)

    def outside(self) -> Place:
        """As given by --outside."""
        return self.out


@dataclass(frozen=True, slots=True)
class Backend:
    """Nodes by their names through a connection of testinfra's own (podman, ansible, salt, …).

    `settings` are what its HOSTSPECs have after a `?`.
    """

    name: str
    out: Place
    settings: Mapping[str, str] = field(default_factory=dict)

    def node(self, name: str) -> Place:
        """The HOSTSPEC is the connection's name and the node's."""
        query = f"?{urlencode(self.settings)}" if self.settings else ""
        return Testinfra(f"{self.name}://{name}{query}")

    def outside(self) -> Place:
        """As given by --outside."""
        return self.out


def containers(*labels: str, form: str = "{{.ID}}") -> list[str]:
    """The running containers that bear all these labels, each as a line of `docker ps --format`."""
    filters = [word for label in labels for word in ("--filter", f"label={label}")]
    return _docker("ps", "--format", form, *filters)


def of_site(site: str, folder: Path, label: str) -> list[str]:
    """The running containers of a site with one more label.

    Those of a lab say by `stook.folder` whose bundles they run, and another lab's are never meant.
    """
    lines = containers(f"stook.site={site}", label, form='{{.ID}} {{.Label "stook.folder"}}')
    pairs = [line.partition(" ")[::2] for line in lines]
    return [name for name, home in pairs if home in ("", str(folder))]


def _docker(*words: str) -> list[str]:
    try:
        ended = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line for line in ended.stdout.splitlines() if line]


def outside(spec: str, site: str, folder: Path = Path()) -> Place:
    """The machine that is not part of the site: `local`, `docker` (the lab's) or a HOSTSPEC."""
    scheme, _, rest = spec.partition("://")
    if spec == "local":
        return local(sudo=False)
    if scheme == "docker":
        label = "stook.role=outside"
        ids = [rest] if rest else of_site(site, folder, label)
        if len(ids) != 1:
            labels = f"stook.site={site}, {label}"
            return Nowhere(f"{len(ids)} running containers have the labels {labels}")
        return Program(["docker", "exec", "-i", ids[0], "sh", "-s"])
    if scheme == "ssh":
        return Program([*Ssh({}, Nowhere(""))._ssh(), *_destination(rest), AS_ANYBODY])
    return Testinfra(spec, sudo=False)


def _destination(rest: str) -> list[str]:
    host, colon, port = rest.partition(":")
    return ["-p", port, host] if colon else [host]


@dataclass(frozen=True, slots=True)
class Access:
    """What the user says of the way to the nodes; `me` is the node that verify itself runs on.

    `config` and `identity` are files of ssh's, `inventory` is one of Ansible's.
    """

    outside: Place
    user: str = ""
    config: Path | None = None
    identity: Path | None = None
    inventory: str = ""
    me: str = ""

    def settings(self) -> dict[str, str]:
        """Those that testinfra has a name for, by it."""
        files = {"ssh_config": self.config, "ssh_identity_file": self.identity}
        given = files | {"ansible_inventory": self.inventory}
        return {name: str(value) for name, value in given.items() if value}


def _ssh(bundle: Bundle, access: Access) -> Target:
    nodes = bundle.site.nodes.items()
    addresses = {name: next(iter(node["addresses"].values()), "") for name, node in nodes}
    return Ssh(addresses, access.outside, access.user, access.config, access.identity)


TARGETS: Mapping[str, Callable[[Bundle, Access], Target]] = {
    "local": lambda bundle, access: Local(access.me or this_node(), access.outside),
    "docker": lambda bundle, access: Docker(bundle.site.site, bundle.folder, access.outside),
    "ssh": _ssh,
}
"""The targets of our own, each by its name; any other name is a connection of testinfra's."""


def target(
    name: str,
    bundle: Bundle,
    out: str = "local",
    user: str = "",
    config: Path | None = None,
    me: str = "",
    targets: Mapping[str, Callable[[Bundle, Access], Target]] = TARGETS,
    *,
    identity: Path | None = None,
    inventory: str = "",
) -> Target:
    """The target of this name for one site."""
    place = outside(out, bundle.site.site, bundle.folder)
    access = Access(place, user, config, identity, inventory, me)
    own = targets.get(name)
    return own(bundle, access) if own else Backend(name, access.outside, access.settings())


def misnamed(name: str, out: str) -> str:
    """What is wrong with the names of a target and of the place outside; empty where nothing is."""
    if name not in TARGETS and name not in _connections():
        return f"no target {name!r}: there are {', '.join(sorted({*TARGETS, *_connections()}))}"
    connection, scheme, _ = out.partition("://")
    if scheme and connection not in TARGETS and connection not in _connections():
        return f"no connection {connection!r}: --outside is local, docker or like ssh://HOST"
    return ""


def _connections() -> Collection[str]:
    from testinfra.backend import BACKENDS  # type: ignore[import-untyped]  # it ships no types

    return frozenset(BACKENDS)


def this_node() -> str:
    """What this machine calls itself, as a single label."""
    return os.uname().nodename.split(".")[0]
