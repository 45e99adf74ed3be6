"""The plan of this node: /etc/stook/gluster.tsv; its grammar stands at the top of gluster-form."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# In this order, and before a volume starts: on a running one they end every mount, and clients come
# back only where the first of them was set before (seen on 10.3 and 11.1).
BEFORE_START = ("client.bind-insecure", "server.allow-insecure")
PLAN = os.environ.get("STOOK_GLUSTER_PLAN", "/etc/stook/gluster.tsv")


@dataclass(frozen=True)
class Volume:
    name: str
    kind: str
    replica: int
    arbiter: int
    disperse: int
    redundancy: int

    @property
    def set_size(self) -> int:
        """How many bricks hold the same data, or its pieces."""
        return max(self.replica, self.disperse, 1)

    @property
    def words(self) -> list[str]:
        """The words of `volume create` for its type."""
        if self.kind == "replicate":
            arbiter = ["arbiter", str(self.arbiter)] if self.arbiter else []
            return ["replica", str(self.replica), *arbiter]
        if self.kind == "disperse":
            return ["disperse", str(self.disperse), "redundancy", str(self.redundancy)]
        return []


@dataclass(frozen=True)
class Brick:
    """A brick; `mount` and `uuid` are `-` where the plan knows no file system of its own."""

    volume: str
    node: str
    path: str
    mount: str
    uuid: str

    @property
    def address(self) -> str:
        return f"{self.node}:{self.path}"


@dataclass(frozen=True)
class Option:
    volume: str
    key: str
    value: str


@dataclass(frozen=True)
class Client:
    volume: str
    path: str


@dataclass(frozen=True)
class Plan:
    me: str
    bootstrap_node: str
    peers: tuple[str, ...]
    volumes: tuple[Volume, ...]
    bricks: tuple[Brick, ...]
    options: tuple[Option, ...]
    clients: tuple[Client, ...]
    family: str = "inet"

    @property
    def family_words(self) -> list[str]:
        """What gluster is told to ask another node: by itself it looks for IPv4 addresses."""
        return [] if self.family == "inet" else [f"--{self.family}"]

    @property
    def is_server(self) -> bool:
        return self.me in self.peers

    def bricks_of(self, volume: str) -> list[Brick]:
        """The bricks of a volume, in the order of `volume create`."""
        return [brick for brick in self.bricks if brick.volume == volume]

    def privileged(self, volume: str) -> list[Option]:
        """Its options that only a volume that does not run can be given, in their order."""
        options = [option for option in self.options if option.volume == volume]
        return [option for key in BEFORE_START for option in options if option.key == key]


def parse_plan(text: str) -> Plan:
    """The statements of a plan; what is of another verb belongs to somebody else."""
    rows = [line.split("\t") for line in text.split("\n")]

    def of(verb: str) -> Iterator[list[str]]:
        return (fields for first, *fields in rows if first == verb)

    return Plan(
        me=next(of("me"))[0],
        bootstrap_node=next(of("former"))[0],
        peers=tuple(name for (name,) in of("peer")),
        volumes=tuple(Volume(name, kind, *map(int, size)) for name, kind, *size in of("volume")),
        bricks=tuple(Brick(*fields) for fields in of("brick")),
        options=tuple(Option(*fields) for fields in of("option")),
        clients=tuple(Client(*fields) for fields in of("client")),
        family=next(of("family"), ["inet"])[0],
    )


def read_plan() -> Plan:
    return parse_plan(Path(PLAN).read_text("utf-8"))
