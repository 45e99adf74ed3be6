"""The containers of a lab: how they are made to look like machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docker import DockerClient
from docker.errors import APIError

from verify.lab import host
from verify.lab.errors import LabError
from verify.lab.network import LABEL
from verify.lab.plan import Box, Network

BOOT = "/usr/local/sbin/stook-lab-boot"
# The time server of a lab has no better clock than the host's, and says so by its stratum.
CHRONYD = ["chronyd", "-d", "-x", "local stratum 8", "allow", "cmdport 0"]
NO_WAY_OUT = ["ip route del default", "ip -6 route del default"]
MEMORY = {"/run": "mode=755", "/run/lock": "mode=1777", "/tmp": "mode=1777,exec"}
# Of the machine itself: for file systems in user space, and for automatic mounts.
DEVICES = ("/dev/fuse", "/dev/autofs")


def create(
    client: DockerClient,
    box: Box,
    site: str,
    image: str,
    networks: Sequence[Network],
    devices: Mapping[str, str],
    names: str,
) -> None:
    """Make one container, on all its networks, without starting it.

    `devices` maps a path inside to a device of this machine; `names` are lines for /etc/hosts that
    the site's DNS would answer.
    """
    titles = {network.name: network.title for network in networks}
    first, *others = box.addresses
    endpoints = {
        titles[name]: client.api.create_endpoint_config(**_addresses(box.addresses[name]))
        for name in box.addresses
    }
    try:
        made = client.api.create_container(
            image,
            command=_command(box, names),
            name=box.title,
            hostname="localhost",
            environment={"container": "docker"},
            labels={LABEL: site, "stook.site": site, "stook.role": box.role} | _node_label(box),
            stop_signal="SIGRTMIN+3" if box.role == "node" else "SIGTERM",
            host_config=host_config(client, box, devices),
            networking_config={"EndpointsConfig": {titles[first]: endpoints[titles[first]]}},
        )
        for name in others:
            client.api.connect_container_to_network(
                made["Id"], titles[name], **_addresses(box.addresses[name])
            )
    except APIError as error:
        raise LabError(f"{box.name}: {error.explanation}") from None


def remove(client: DockerClient, site: str) -> None:
    """Remove all containers that carry the label of this lab, running or not."""
    for container in client.containers.list(all=True, filters={"label": f"{LABEL}={site}"}):
        container.remove(force=True, v=True)


def _command(box: Box, names: str) -> list[str]:
    if box.role == "node":
        return [BOOT, names]
    if box.role == "time":
        return CHRONYD
    routes = [f"ip route add {address} via {leg}" for address, leg in box.routes]
    return ["sh", "-c", "\n".join([*NO_WAY_OUT, *routes, "exec sleep infinity"])]


def _node_label(box: Box) -> dict[str, str]:
    return {"stook.node": box.name} if box.role == "node" else {}


def _addresses(addresses: Sequence[str]) -> dict[str, Any]:
    return {"ipv6_address" if ":" in one else "ipv4_address": one for one in addresses}


def host_config(client: DockerClient, box: Box, devices: Mapping[str, str]) -> Any:
    """What the engine is asked for: a whole machine for a node, little for what stands around."""
    if box.role != "node":
        return client.api.create_host_config(init=True, cap_add=["NET_ADMIN", "NET_RAW"])
    # A machine is root over all of itself, but the clock of a container is its host's.
    config = client.api.create_host_config(
        cap_add=["ALL"],
        cap_drop=["SYS_TIME", *host.missing_capabilities()],
        security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        tmpfs=dict(MEMORY),
        devices=[f"{outer}:{inner}:rwm" for inner, outer in devices.items()],
        init=False,
    )
    # Not in the SDK's own parameters. A private cgroup namespace without any mount of it is the
    # only form in which systemd runs and cannot write into the cgroups of the host.
    return config | {"CgroupnsMode": "private", "MaskedPaths": [], "ReadonlyPaths": []}
