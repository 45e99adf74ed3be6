"""What every node has in common, worked out once: the names of all, and where ssh comes from."""

from __future__ import annotations

from dataclasses import dataclass

from generator.formats.hosts import line
from generator.planning.site import Node, Site

# Who may reach a port that nobody may reach from elsewhere; no networks at all means everybody.
NOBODY = ("127.0.0.1/32",)


@dataclass(frozen=True, slots=True)
class Layout:
    """`hosts` are the lines of every hosts file; `ssh_sources` are networks, none means all."""

    hosts: tuple[str, ...]
    ssh_sources: tuple[str, ...]


def resolve(site: Site) -> Layout:
    """The base is on every site."""
    hosts = tuple(line(node) for node in site.nodes.values())
    return Layout(hosts, ssh_sources(site))


def ssh_sources(site: Site) -> tuple[str, ...]:
    """The networks that ssh is open to; empty when one admin may come from everywhere."""
    blocks: dict[str, None] = {}
    for admin in site.spec.admins.values():
        if admin.from_ is None:
            return ()
        blocks |= dict.fromkeys(admin.from_)
    return tuple(blocks) if blocks or not site.spec.admins else NOBODY


def image_user(site: Site, node: Node) -> str:
    """The name of the account that comes with the node's image and is nobody's in the spec."""
    name = image_account(site, node)
    return "" if name in site.spec.admins else name


def image_account(site: Site, node: Node) -> str:
    """The name of the account that comes with the node's image; empty where none is known."""
    known = node.platform.image_user
    return known.name.get(site.provider, known.name.get("", "")) if known else ""
