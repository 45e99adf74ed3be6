"""The networks of a lab: bridges of the engine, and nothing beyond them."""

from __future__ import annotations

from typing import Any

from docker import DockerClient
from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool

from verify.lab.errors import LabError
from verify.lab.plan import Network

LABEL = "stook.lab"


def create(client: DockerClient, network: Network, site: str) -> None:
    """Make a bridge with the subnets of the spec. Raises `LabError` when they are taken."""
    pools = [
        IPAMPool(subnet=subnet, gateway=gateway)
        for subnet, gateway in zip(network.subnets, network.gateways, strict=True)
    ]
    try:
        client.networks.create(
            network.title,
            driver="bridge",
            internal=network.internal,
            options={"com.docker.network.bridge.enable_ip_masquerade": "false"},
            enable_ipv6=any(":" in subnet for subnet in network.subnets),
            ipam=IPAMConfig(pool_configs=pools),
            labels={LABEL: site},
            check_duplicate=True,
        )
    except APIError as error:
        raise LabError(
            f"network {network.name} ({', '.join(network.subnets)}): {error.explanation}; "
            "is another lab up?"
        ) from None


def remove(client: DockerClient, site: str) -> None:
    """Remove all networks that carry the label of this lab."""
    for network in client.networks.list(filters={"label": f"{LABEL}={site}"}):
        network.remove()


def sites(client: DockerClient, running: bool = False) -> tuple[str, ...]:
    """The sites that have a lab here: one that runs, or whatever carries a label."""
    found = {one.labels[LABEL] for one in _labelled(client.containers, all=not running)}
    if not running:
        found |= {one.attrs["Labels"][LABEL] for one in _labelled(client.networks)}
    return tuple(sorted(found))


def _labelled(collection: Any, **options: bool) -> list[Any]:
    found: list[Any] = collection.list(filters={"label": LABEL}, **options)
    return found
