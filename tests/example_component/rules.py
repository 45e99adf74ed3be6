"""What can be wrong with settings of the kernel."""

from __future__ import annotations

from collections.abc import Iterator

from generator.language.findings import Finding, Rule
from generator.planning.resolve import selector
from generator.planning.site import Site
from tests.example_component.layout import Layout, dotted
from tests.example_component.model import Sysctl

TWICE = Rule(
    "X101",
    "one setting under two names",
    "Dots and slashes name the same setting; whichever line is read last silently wins.",
    "keep one of the two",
    source="sysctl.d(5)",
)
RULES = (TWICE,)


def check(site: Site, part: Layout) -> Iterator[Finding]:
    """Selectors that name no node, and names that mean the same."""
    spec = site.spec.part(Sysctl)
    yield from selector(site, spec.nodes if spec else (), ("sysctl", "nodes"))
    first: dict[str, str] = {}
    for key in part.settings:
        other = first.setdefault(dotted(key), key)
        if other != key:
            path, also = (("sysctl", "settings", name) for name in (key, other))
            yield TWICE.at(path, f"`{key}` is `{other}`", key=True, also=(also,))
