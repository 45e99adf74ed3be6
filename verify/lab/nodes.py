"""The containers of a lab: how they are made to look like machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docker import DockerClient
from docker.errors import APIError

from verify.lab import database, host
from verify.lab.errors import LabError
from verify.lab.network import LABEL
from verify.lab.plan import Box, Plan

BOOT = "/usr/local/sbin/stook-lab-boot"
# The time server of a lab has no better clock than the host's, and says so by its stratum.
CHRONYD = ["chronyd", "-d", "-x", "local stratum 8", "allow", "cmdport 0"]
NO_WAY_OUT = ["ip route del default", "ip -6 route del default"]
MEMORY = {"/run": "mode=755", "/run/lock": "mode=1777", "/tmp": "mode=1777,exec"}
# Of the machine itself: for file systems in user space, and for automatic mounts.
DEVICES = ("/dev/fuse", "/dev/autofs")


def create(
    client: DockerClient, plan: Plan, box: Box, image: str, devices: Mapping[str, str]
) -> None:
    """Make one container of a lab, on all its networks, without starting it.

    `devices` maps a path inside to a device of this machine.
    """
    titles = {network.name: network.title for network in plan.networks}
    first, *others = box.addresses
    endpoints = {
        titles[name]: client.api.create_endpoint_config(**_addresses(box.addresses[name]))
        for name in box.addresses
    }
    try:
        made = client.api.create_container(
            image,
            command=command(plan, box),
            name=box.title,
            hostname="localhost",
            environment={"container": "docker"},
            labels=_labels(plan.site, box),
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


def command(plan: Plan, box: Box) -> list[str]:
    """The first process of a machine, run at each of its starts."""
    if box.role == "node":
        return [BOOT, plan.names]
    if box.role == "time":
        return CHRONYD
    if box.role == "database" and plan.database:
        return _script(*NO_WAY_OUT, *database.command(plan.database))
    routes = [f"ip route add {address} via {leg}" for address, leg in box.routes]
    # Never preferred: what does not ask for one of them comes from the machine's own address.
    further = [
        f"ip address add {address} dev eth0 {'nodad ' if ':' in address else ''}preferred_lft 0"
        for address in box.further
    ]
    return _script(*NO_WAY_OUT, *routes, *further, "exec sleep infinity")


def _script(*lines: str) -> list[str]:
    return ["sh", "-c", "\n".join(lines)]


def _labels(site: str, box: Box) -> dict[str, str]:
    labels = {LABEL: site, "stook.site": site, "stook.role": box.role}
    return labels | ({"stook.node": box.name} if box.role == "node" else {})


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
