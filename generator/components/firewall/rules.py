"""What can be wrong with the choice of a packet filter, and with a second one beside it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.firewall.layout import FIREWALLD, Layout
from generator.language.findings import Finding, Rule
from generator.planning.resolve import selector
from generator.planning.site import Site

CONFLICT = Rule(
    "W101",
    "firewalld where cloud-init conflicts with it",
    "The package of cloud-init declares a conflict with firewalld: apt refuses the second of "
    "the two, and a node that boots from user-data never gets its firewall.",
    "leave firewalld out and let the platform's own backend, nftables, do it; or remove "
    "cloud-init from the machines, apply the bundles by hand, and accept this finding",
    source="Conflicts: of cloud-init 25.1.4 in Debian 13; bugs.debian.org/1025618",
)
SECOND = Rule(
    "W102",
    "a second packet filter",
    "Two programs that write the kernel's rules undo each other's: whichever starts last decides "
    "what is open, and a `flush ruleset` of one takes the other's away.",
    "leave the package out; what its rules did goes into `ports` of services",
    source="nft(8), flush ruleset; ufw(8); firewalld.conf(5)",
)
RULES = (CONFLICT, SECOND)

# Packages that put rules of their own into the kernel, whichever backend the site has.
_FILTERS = frozenset(
    (
        *("apf-firewall", "arno-iptables-firewall", "ferm", "firehol", "firewalld", "fwbuilder"),
        *("iptables-persistent", "iptables-services", "netfilter-persistent", "shorewall"),
        *("shorewall6", "ufw"),
    )
)

QUIRK = "cloud-init-conflicts-firewalld"


def check(site: Site, part: Layout) -> Iterator[Finding]:
    """Whoever asks for firewalld, as the backend or as a package, on a platform that refuses it."""
    for node in site.nodes.values():
        if QUIRK in node.platform.quirks and part.backend(node) == FIREWALLD:
            yield _finding(("firewall", "backend"), node.platform.platform)
            break
    yield from _second(site, part)
    for name, item in site.spec.services.items():
        if "firewalld" not in item.packages or list(selector(site, item.nodes, ())):
            continue
        for node in map(site.nodes.__getitem__, site.select(item.nodes)):
            if QUIRK in node.platform.quirks:
                where = ("services", name, "packages", item.packages.index("firewalld"))
                yield _finding(where, node.platform.platform)
                break


def _second(site: Site, part: Layout) -> Iterator[Finding]:
    for name, item in site.spec.services.items():
        if list(selector(site, item.nodes, ())):
            continue
        backends = {part.backend(site.nodes[node]) for node in site.select(item.nodes)}
        for index, package in enumerate(item.packages):
            if package in _FILTERS and backends - {package}:
                where = ("services", name, "packages", index)
                message = f"`{package}` beside {min(backends - {package})}"
                yield SECOND.at(where, message)


def _finding(path: tuple[str | int, ...], platform: str) -> Finding:
    return CONFLICT.at(path, f"{platform} has no firewalld beside cloud-init")
