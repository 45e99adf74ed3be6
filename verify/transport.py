"""How a node is reached: local, ssh, docker, and whatever else testinfra can reach.

A trip is one script on the standard input of one shell. testinfra's backends know no standard
input and run one command per connection, and its ssh shares no connection, so local, ssh and docker
are run here as the user's own programs: `ssh` (with its configuration, agent, jump hosts and known
hosts) and `docker exec -i`. All other connections (podman, ansible, salt, …) are testinfra's own;
there the script travels as an argument, which the kernel limits to 128 KiB.
"""

from __future__ import annotations

import os
import socket
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Protocol

from verify.bundles import Bundle
from verify.kinds import Brings

AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi'
AS_ANYBODY = "exec sh -s"
LARGEST_ARGUMENT = 120_000
NOTHING = Brings()

DOCKER_DNS = "127.0.0.11"
DOCKER_FILES = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")


class Unreachable(Exception):  # noqa: N818 - named for what it says of a node
    """Nobody answered; the message says why."""


class Place(Protocol):
    """Somewhere a script can be run.

    `brings` is what this way of running a node adds to it.
    """

    @property
    def brings(self) -> Brings: ...
    def ask(self, script: bytes, limit: float) -> bytes: ...


class Target(Protocol):
    """All places of a site."""

    @property
    def name(self) -> str: ...
    def node(self, name: str) -> Place: ...
    def outside(self) -> Place: ...


@dataclass(frozen=True, slots=True)
class Program:
    """A place behind a program that takes the script on its standard input."""

    argv: Sequence[str]
    brings: Brings = NOTHING

    def ask(self, script: bytes, limit: float) -> bytes:
        """What the script wrote. Raises `Unreachable` with the program's own words."""
        try:
            ended = subprocess.run(self.argv, input=script, capture_output=True, timeout=limit)
        except subprocess.TimeoutExpired:
            raise Unreachable(f"no answer within {limit:.0f} s") from None
        except OSError as error:
            raise Unreachable(f"{self.argv[0]}: {error.strerror}") from None
        if ended.returncode:
            said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
            raise Unreachable(said[-1] if said else f"{self.argv[0]}: exit {ended.returncode}")
        return ended.stdout


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A place that is known not to be there."""

    reason: str
    brings: Brings = NOTHING

    def ask(self, script: bytes, limit: float) -> bytes:
        """Always raises `Unreachable`."""
        raise Unreachable(self.reason)


@dataclass(frozen=True, slots=True)
class Testinfra:
    """A place behind one of testinfra's own connections, named by its HOSTSPEC."""

    spec: str
    sudo: bool = True
    brings: Brings = NOTHING

    def ask(self, script: bytes, limit: float) -> bytes:
        """What the script wrote; it travels as an argument of the shell."""
        import testinfra  # type: ignore[import-untyped]  # it ships no types

        text = b64encode(script).decode()
        if len(text) > LARGEST_ARGUMENT:
            raise Unreachable(f"{self.spec}: the script is too long for it; use --only or ssh")
        shell = AS_ROOT if self.sudo else AS_ANYBODY
        try:
            host = testinfra.get_host(self.spec)
            ended = host.run(f"echo {text} | base64 -d | sh -c {quote(shell)}")
        except Exception as error:
            raise Unreachable(f"{self.spec}: {error}") from None
        if ended.rc != 0:
            raise Unreachable(f"{self.spec}: {ended.stderr.strip() or f'exit {ended.rc}'}")
        out: bytes = ended.stdout_bytes
        return out


def local(sudo: bool = True) -> Program:
    """This machine; root is needed to look at a node, not to probe from outside."""
    return Program(["sh", "-c", AS_ROOT if sudo else AS_ANYBODY])


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
    name: str = "ssh"

    def node(self, name: str) -> Place:
        """Host keys are always checked, whatever the configuration says."""
        return Program([*self._ssh(), *self._where(name), name, f"sh -c {quote(AS_ROOT)}"])

    def outside(self) -> Place:
        """As given by --outside."""
        return self.out

    def _ssh(self) -> list[str]:
        own = ["-F", str(self.config)] if self.config else []
        user = ["-l", self.user] if self.user else []
        checked = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
        return ["ssh", "-T", *own, *user, *checked, "-o", "ConnectTimeout=10"]

    def _where(self, name: str) -> list[str]:
        asked = subprocess.run([*self._ssh(), "-G", name], capture_output=True, text=True)
        if asked.returncode or f"hostname {name}\n" not in asked.stdout:
            return []
        if "proxyjump " in asked.stdout or "proxycommand " in asked.stdout or _resolves(name):
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
        found = of_site(self.site, self.folder, f"stook.node={name}")
        if len(found) != 1:
            return Nowhere(f"{len(found)} running containers have its labels")
        shape = "{{range .Mounts}}{{println .Destination}}{{end}}"
        mounts = (*DOCKER_FILES, *_docker("inspect", "--format", shape, found[0]))
        brings = Brings((DOCKER_DNS,), mounts)
        return Program(["docker", "exec", "-i", found[0], "sh", "-s"], brings)

    def outside(self) -> Place:
        """As given by --outside."""
        return self.out


@dataclass(frozen=True, slots=True)
class Backend:
    """Nodes by their names through a connection of testinfra's own (podman, ansible, salt, …)."""

    name: str
    out: Place

    def node(self, name: str) -> Place:
        """The HOSTSPEC is the connection's name and the node's."""
        return Testinfra(f"{self.name}://{name}")

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
    shown = containers(f"stook.site={site}", label, form='{{.ID}} {{.Label "stook.folder"}}')
    found = [line.partition(" ")[::2] for line in shown]
    return [name for name, home in found if home in ("", str(folder))]


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
        found = [rest] if rest else of_site(site, folder, label)
        if len(found) != 1:
            told = f"stook.site={site}, {label}"
            return Nowhere(f"{len(found)} running containers have the labels {told}")
        return Program(["docker", "exec", "-i", found[0], "sh", "-s"])
    if scheme == "ssh":
        return Program([*Ssh({}, Nowhere(""))._ssh(), *_destination(rest), AS_ANYBODY])
    return Testinfra(spec, sudo=False)


def _destination(rest: str) -> list[str]:
    host, colon, port = rest.partition(":")
    return ["-p", port, host] if colon else [host]


def target(
    name: str,
    bundle: Bundle,
    out: str = "local",
    user: str = "",
    config: Path | None = None,
    me: str = "",
) -> Target:
    """The target of this name for one site; any other name is a connection of testinfra's."""
    site = bundle.site
    there = outside(out, site.site, bundle.folder)
    if name == "local":
        return Local(me or this_node(), there)
    if name == "docker":
        return Docker(site.site, bundle.folder, there)
    if name == "ssh":
        addresses = {node: _first(facts["addresses"]) for node, facts in site.nodes.items()}
        return Ssh(addresses, there, user, config)
    return Backend(name, there)


def _first(addresses: Mapping[str, str]) -> str:
    return next(iter(addresses.values()), "")


def this_node() -> str:
    """What this machine calls itself, as a single label."""
    return os.uname().nodename.split(".")[0]
