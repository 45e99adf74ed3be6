"""What a node gets: the package, the file, and the unit that reads it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claim, File, Package, Template, Unit, values
from generator.planning.site import Site
from tests.example_component import sysctl_conf
from tests.example_component.layout import Layout

ROLE, SPEC = "sysctl/kernel", ("sysctl",)


def claim(site: Site, part: Layout) -> Iterator[Claim]:
    """The claims of every node that the component is on."""
    for node in map(site.nodes.__getitem__, part.nodes):
        packages = tuple(node.platform.packages["sysctl"])
        path = f"{node.platform.paths['sysctl']}/60-stook.conf"
        for name in packages:
            yield Package(node=node.name, spec=SPEC, role=ROLE, name=name)
        yield File(
            node=node.name,
            spec=(*SPEC, "settings"),
            role=ROLE,
            path=path,
            body=Template(
                __package__, "sysctl.conf.j2", values({"settings": tuple(part.settings.items())})
            ),
            format=sysctl_conf.__name__,
        )
        yield Unit(
            node=node.name,
            spec=SPEC,
            role=ROLE,
            name=node.platform.units["sysctl"],
            change="restart",
            watch=(path,),
            packages=packages,
        )
