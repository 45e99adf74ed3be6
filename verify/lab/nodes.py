"""The containers of a lab: how they are made to look like machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker import DockerClient
from docker.errors import APIError

from verify.lab import database, host
from verify.lab.errors import LabError
from verify.lab.network import LABEL
from verify.lab.topology import Box, Topology

BOOT = "/usr/local/sbin/stook-lab-boot"
# The time server of a lab has no better clock than the host's, and says so by its stratum.
CHRONYD = ["chronyd", "-d", "-x", "local stratum 8", "allow", "cmdport 0"]
# As on a machine: the engine would let everybody bind to any port, and switch IPv6 off.
SYSCTLS = {
    "net.ipv4.ip_unprivileged_port_start": "1024",
    "net.ipv6.conf.all.disable_ipv6": "0",
    "net.ipv6.conf.default.disable_ipv6": "0",
}
MEMORY = {"/run": "mode=755", "/run/lock": "mode=1777", "/tmp": "mode=1777,exec"}
# Of the machine itself: for file systems in user space, and for automatic mounts.
DEVICES = ("/dev/fuse", "/dev/autofs")


def create(
    client: DockerClient, topology: Topology, box: Box, image: str, devices: Mapping[str, str]
) -> None:
    """Make one container of a lab, without a network (`network.plug`) and without starting it.

    `devices` maps a path inside to a device of this machine.
    """
    try:
        client.api.create_container(
            image,
            command=command(topology, box),
            name=topology.container(box),
            hostname="localhost",
            environment={"container": "docker"},
            labels=_labels(topology, box),
            stop_signal="SIGRTMIN+3" if box.role == "node" else "SIGTERM",
            host_config=host_config(client, box, devices),
        )
    except APIError as error:
        raise LabError(f"{box.name}: {error.explanation}") from None


def remove(client: DockerClient, lab: str) -> None:
    """Remove all containers that carry the label of this lab, running or not."""
    for container in client.containers.list(all=True, filters={"label": f"{LABEL}={lab}"}):
        container.remove(force=True, v=True)


def command(topology: Topology, box: Box) -> list[str]:
    """The first process of a machine, run at each of its starts."""
    if box.role == "node":
        return [BOOT, topology.names, f"eth{len(box.networks) - 1}"]
    if box.role == "time":
        return CHRONYD
    if box.role == "database" and topology.database:
        return ["sh", "-c", "\n".join(database.command(topology.database))]
    return ["sleep", "infinity"]


def _labels(topology: Topology, box: Box) -> dict[str, str]:
    site = {
        "stook.site": topology.site,
        "stook.folder": str(topology.folder),
        "stook.role": box.role,
    }
    return {LABEL: topology.name} | site | ({"stook.node": box.name} if box.role == "node" else {})


def host_config(client: DockerClient, box: Box, devices: Mapping[str, str]) -> Any:
    """What the engine is asked for: a whole machine for a node, little for what stands around."""
    if box.role != "node":
        return client.api.create_host_config(
            init=True, cap_add=["NET_ADMIN", "NET_RAW"], network_mode="none", sysctls=dict(SYSCTLS)
        )
    # A machine is root over all of itself, but the clock of a container is its host's.
    config = client.api.create_host_config(
        cap_add=["ALL"],
        cap_drop=["SYS_TIME", *host.missing_capabilities()],
        security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        tmpfs=dict(MEMORY),
        devices=[f"{outer}:{inner}:rwm" for inner, outer in devices.items()],
        init=False,
        network_mode="none",
        sysctls=dict(SYSCTLS),
    )
    # Not in the SDK's own parameters. A private cgroup namespace without any mount of it is the
    # only form in which systemd runs and cannot write into the cgroups of the host.
    return config | {"CgroupnsMode": "private", "MaskedPaths": [], "ReadonlyPaths": []}
