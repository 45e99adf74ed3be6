"""What can be wrong with the options of a volume."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from generator.components.gluster.layout import VolumeLayout
from generator.components.gluster.rules import OPTION_VALUE, VOLUME_OPTION
from generator.language.findings import Finding, nearest
from generator.planning.site import Site

# Options whose names end so take a number: a count, a time or a size.
_NUMBERS = ("-count", "-interval", "-limit", "-size", "-threads", "-timeout")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)? ?([A-Za-z]{1,5}|%)?")


def check(site: Site, volume: VolumeLayout) -> Iterator[Finding]:
    """What `volume set` would refuse, by name and by value."""
    for name, value in volume.spec.options.items():
        if name.endswith(_NUMBERS) and not _NUMBER.fullmatch(value):
            yield OPTION_VALUE.at((*volume.path, "options", name), f"`{value}` is no number")
    releases = {site.nodes[name].platform.versions["glusterfs"] for name in volume.nodes}
    for release in sorted(releases):
        known = volume_options(release)
        for name in volume.spec.options:
            if name not in known and not name.startswith("user."):
                path = (*volume.path, "options", name)
                message = f"GlusterFS {release} has no option `{name}`"
                yield VOLUME_OPTION.at(path, message, nearest(name, known), key=True)


@cache
def volume_options(release: str) -> frozenset[str]:
    """Every option that `volume set` of a release takes, by its full name.

    What `gluster volume get VOLUME all` lists, and what `volume set help-xml` has beyond that.
    """
    file = resources.files(__package__).joinpath("files", "options", f"{release}.txt")
    return frozenset(file.read_text("utf-8").split())
