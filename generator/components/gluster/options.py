"""What can be wrong with the options of a volume: names, who may set them, and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from generator.components.gluster.layout import FAMILY, VolumeLayout
from generator.components.gluster.rules import (
    NEVER_MISSED,
    OPTION_KIND,
    OPTION_SCOPE,
    OPTION_VALUE,
    OPTION_VERB,
    VOLUME_OPTION,
)
from generator.components.gluster.values import refusal, seconds, takes
from generator.formats import tsv
from generator.language.findings import Finding, nearest
from generator.planning.site import Site

TABLE = "options.tsv"
PING = "network.ping-timeout"
VOLUME, ALL = "volume", "all"
KINDS = ("replicate", "disperse", "distribute")


@dataclass(frozen=True, slots=True)
class Option:
    """An option as glusterd has it.

    `form` is what it takes (`values.FORMS`), `limits` the bounds of a number or the words of a
    choice. `scope` is whose it is: a `volume`, one of a kind, `all` of the pool, or the verb of
    the command that alone sets it. `changes` is what of expectations and predictions reads it, or
    `nothing`. `release` is the only one that has it, "" where all have.
    """

    name: str
    form: str
    limits: str
    scope: str
    changes: str
    release: str


def check(site: Site, volume: VolumeLayout) -> Iterator[Finding]:
    """What `volume set` would refuse, by name, by scope and by value."""
    releases = {site.nodes[name].platform.versions["glusterfs"] for name in volume.nodes}
    for release in sorted(releases):
        known = volume_options(release)
        for name, value in volume.spec.options.items():
            option = known.get(name)
            path = (*volume.path, "options", name)
            if option:
                yield from _judged(volume, option, value)
            elif not name.startswith("user."):
                message = f"GlusterFS {release} has no option `{name}`"
                yield VOLUME_OPTION.at(path, message, nearest(name, known), key=True)


def _judged(volume: VolumeLayout, option: Option, value: str) -> Iterator[Finding]:
    path = (*volume.path, "options", option.name)
    if option.scope == ALL:
        yield OPTION_SCOPE.at(path, f"`{option.name}` is one for all volumes", key=True)
    elif option.scope in KINDS and option.scope != volume.kind:
        message = (
            f"`{volume.name}` is none that `{option.name}` is for: it is of kind {volume.kind}"
        )
        yield OPTION_KIND.at(path, message, key=True)
    elif option.scope not in (VOLUME, *KINDS):
        message = f"`{option.name}` is set by `gluster volume {option.scope}` alone"
        yield OPTION_VERB.at(path, message, key=True)
    elif option.name == FAMILY and value != volume.family:
        message = f"the pool's addresses are of the family `{volume.family}`"
        yield OPTION_VALUE.at(path, message, "leave it out: it follows from the addresses")
    elif why := refusal(option.form, option.limits, value, _places(volume)):
        what = takes(option.form, option.limits, _places(volume))
        yield OPTION_VALUE.at(path, why, f"write {what}")
    elif option.name == PING and seconds(value, 1) == 0:
        yield NEVER_MISSED.at(path, "clients wait for a silent server without end")


def _places(volume: VolumeLayout) -> Mapping[str, int]:
    """What a limit may name: the bricks of a set, those that are data, and the shortest look."""
    heal = 60 if volume.kind == "disperse" else 5
    return {
        "set": volume.set_size,
        "data": volume.set_size - volume.spec.redundancy,
        "heal": heal,
    }


@cache
def _table() -> tuple[Option, ...]:
    file = resources.files(__package__).joinpath("files", TABLE)
    return tuple(Option(*fields) for fields in tsv.rows(file.read_text("utf-8")))


@cache
def volume_options(release: str) -> Mapping[str, Option]:
    """Every option that `gluster volume get VOLUME all` of a release lists, by its full name."""
    return {one.name: one for one in _table() if one.release in ("", release)}
