"""The `gluster:` part of a spec, in GlusterFS's own terms."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from generator.language.spec import MANY, ByNode, Names, OneLine, Part, Port, SafePath, Text, like

OptionName = Annotated[
    str,
    like(
        r"^[a-z][a-z-]*(\.[a-z0-9_-]+)+$",
        "an option by its whole name, such as `network.ping-timeout`",
    ),
]
VolumeName = Annotated[
    str,
    like(
        r"^[a-z][a-z0-9_-]{0,62}$",
        "a volume's name: lower-case letters, digits, `_` and `-`, a letter first, 63 at the most",
    ),
]


def _one_text(value: object) -> object:
    """GlusterFS separates the parts of a value by commas; as a list they are several values."""
    if not isinstance(value, list):
        return value
    joined = ",".join(map(str, value))
    simple = all(isinstance(item, str | int) for item in value) and joined.isprintable()
    way = f': write `"{joined}"`' if simple and 0 < len(joined) <= 200 else ""
    raise ValueError(f"must be one text, its parts joined by commas, not a list{way}")


class BrickPorts(Part):
    """The ports that bricks listen on: glusterd picks from them, the firewall opens them."""

    first: Port = 49152
    """Lowest port (`base-port` in glusterd.vol)."""
    last: Port | None = None
    """Highest port (`max-port`); derived from the number of bricks when it is not given."""


class ClientMount(Part):
    """Where the nodes mount a volume."""

    path: SafePath
    """Mount point, the same on every node."""
    nodes: Names = Field(default_factory=list)
    """Nodes that mount it; without it, all of `gluster.nodes`. They need not be of the pool."""
    fetch_from: Text = "next"
    """Who serves the volume's description: `next` in the ring, `local`, or a node's name."""
    options: Annotated[list[OneLine], Field(max_length=16)] = Field(default_factory=list)
    """Further options of mount.glusterfs(8)."""


class Volume(Part):
    """A volume. Its bricks are directories on its nodes' disks, in the order of the nodes."""

    nodes: Names = Field(default_factory=list)
    """Nodes with bricks; without it, all of `gluster.nodes`."""
    replica: Annotated[int, Field(ge=2, le=16)] | None = None
    """Copies of the data on different nodes."""
    arbiter: Annotated[int, Field(ge=0, le=16)] = 0
    """Bricks per set that hold names and no data; only 1 beside `replica: 2` exists."""
    disperse: Annotated[int, Field(ge=2, le=64)] | None = None
    """Bricks per erasure-coded set, instead of `replica`."""
    redundancy: Annotated[int, Field(ge=0, le=16)] = 0
    """Bricks of a dispersed set that may be lost."""
    brick: Names | ByNode[Names]
    """`DISK/DIRECTORY`: a disk from `disks` and a directory on it; several for several disks. One
    for all nodes, or one for each by its name or a range of names, as many on each."""
    options: dict[OptionName, Annotated[OneLine, BeforeValidator(_one_text)]] = Field(
        default_factory=dict
    )
    """Volume options; they override the ones that Stook sets for small files."""
    mount: ClientMount | None = None
    """Where it is mounted."""


class Gluster(Part):
    """GlusterFS on the nodes that the selector names."""

    nodes: Names = Field(default_factory=list)
    """Members of the trusted pool; without it, all nodes."""
    brick_ports: BrickPorts = Field(default_factory=BrickPorts)
    """Ports of the bricks."""
    volumes: Annotated[dict[VolumeName, Volume], Field(min_length=1, max_length=MANY)]
    """Volumes by name."""
