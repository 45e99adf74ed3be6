"""What every node has in common, worked out once: the names of all, and where ssh comes from."""

from __future__ import annotations

from dataclasses import dataclass

from generator.formats.hosts import line
from generator.planning.site import Site


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
    admins = site.spec.admins.values()
    if not admins or any(not admin.from_ for admin in admins):
        return ()
    return tuple(dict.fromkeys(block for admin in admins for block in admin.from_))
