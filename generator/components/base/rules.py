"""What can be wrong with the base parts of a spec beyond the sites's own consistency."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from generator.components.base.layout import Layout
from generator.language.findings import Finding, Rule, Severity
from generator.planning.resolve import selector
from generator.planning.rules import BAD_BLOCK
from generator.planning.site import Site

UNSIGNED = Rule(
    "N131",
    "an unsigned repository",
    "Whoever can answer for that address can install anything on the nodes as root.",
    "give `key`, the signer's armored public key; `trusted: true` is for `file:` only",
    source="apt-secure(8)",
)
OUR_OPTION = Rule(
    "N132",
    "a mount option that belongs to us",
    "Boot order and the behaviour of an absent disk are decided by the mount's options; a "
    "second word on them makes one of the two win silently.",
    "leave out `nofail`, `noauto`, `_netdev`, `x-systemd.*` and `x-mount.*`",
    source="systemd.mount(5)",
)
CIRCULAR_TIME = Rule(
    "N133",
    "a time server that is a node",
    "Nodes that follow each other agree on a wrong time.",
    "name servers outside the site",
    Severity.WARNING,
    source="chrony.conf(5)",
)
BAD_OPTION = Rule(
    "N134",
    "a mount option that cannot be written",
    "fstab separates fields by blanks and options by commas.",
    "give one option per item, without blanks or commas",
    source="fstab(5)",
)
RULES = (UNSIGNED, OUR_OPTION, CIRCULAR_TIME, BAD_OPTION)

_OURS = ("nofail", "noauto", "auto", "_netdev", "x-systemd.", "x-mount.", "X-mount.")


def check(site: Site, part: Layout) -> Iterator[Finding]:
    """Everything about repositories, services, disks and time servers."""
    yield from _repositories(site)
    yield from _services(site)
    yield from _options(site)
    yield from _time(site)


def _repositories(site: Site) -> Iterator[Finding]:
    for name, item in site.spec.repositories.items():
        local = item.uri.startswith("file:")
        if not item.key and not (item.trusted and local):
            yield UNSIGNED.at(("repositories", name), f"repository `{name}` has no key")


def _services(site: Site) -> Iterator[Finding]:
    for name, item in site.spec.services.items():
        path = ("services", name)
        yield from selector(site, item.nodes, (*path, "nodes"))
        for index, port in enumerate(item.ports):
            for block in port.from_:
                if block in site.networks:
                    continue
                try:
                    ipaddress.ip_network(block)
                except ValueError as error:
                    yield BAD_BLOCK.at((*path, "ports", index, "from"), str(error))


def _options(site: Site) -> Iterator[Finding]:
    for name, item in site.spec.disks.items():
        for index, option in enumerate(item.options):
            where = ("disks", name, "options", index)
            if option.startswith(_OURS):
                yield OUR_OPTION.at(where, f"`{option}` is set by Stook")
            if "," in option or " " in option:
                yield BAD_OPTION.at(where, f"`{option}` is not one option")


def _time(site: Site) -> Iterator[Finding]:
    known = {node.address: node.name for node in site.nodes.values()}
    known |= {name: name for name in site.nodes}
    for index, server in enumerate(site.spec.time.servers if site.spec.time else ()):
        if server in known:
            where = ("time", "servers", index)
            yield CIRCULAR_TIME.at(where, f"`{server}` is the node `{known[server]}`")
