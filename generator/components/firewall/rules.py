"""What can be wrong with the choice of a packet filter."""

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
RULES = (CONFLICT,)

QUIRK = "cloud-init-conflicts-firewalld"


def check(site: Site, part: Layout) -> Iterator[Finding]:
    """Whoever asks for firewalld, as the backend or as a package, on a platform that refuses it."""
    for node in site.nodes.values():
        if QUIRK in node.platform.quirks and part.backend(node) == FIREWALLD:
            yield _finding(("firewall", "backend"), node.platform.platform)
            break
    for name, item in site.spec.services.items():
        if "firewalld" not in item.packages or list(selector(site, item.nodes, ())):
            continue
        for node in map(site.nodes.__getitem__, site.select(item.nodes)):
            if QUIRK in node.platform.quirks:
                where = ("services", name, "packages", item.packages.index("firewalld"))
                yield _finding(where, node.platform.platform)
                break


def _finding(path: tuple[str | int, ...], platform: str) -> Finding:
    return CONFLICT.at(path, f"{platform} has no firewalld beside cloud-init")
