"""What components ask for on a node: typed values that say who asked and where in the spec.

Two equal claims are one. Two different claims on one thing (a path, a port, a mount point) are a
finding that points at both lines. Everything a node gets, and everything it is checked for,
comes from here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeVar

from generator.diagnostics import Finding, Path, Rule

RULES = (
    Rule(
        "N120",
        "two wishes for one thing",
        "Two parts of the spec ask for different things in one place; whichever came last would "
        "silently win.",
        "change one of the two places, so that they agree or no longer meet",
    ),
)
(CONFLICT,) = RULES

T = TypeVar("T", bound="Claim")


@dataclass(frozen=True, slots=True)
class Template:
    """A jinja2 template of a component (`gluster/gluster.tsv.j2`) and its ready values."""

    name: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(ABC):
    """What all claims have: the node, the key of the spec and the part of us that asks."""

    node: str
    spec: Path = field(compare=False)
    role: str = field(compare=False)

    noun: ClassVar[str] = "thing"

    @abstractmethod
    def subject(self) -> object:
        """What two claims must agree about; the claim's own name for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package(Claim):
    """A package to install."""

    name: str
    noun: ClassVar[str] = "package"

    def subject(self) -> object:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Claim):
    """An account that logs in by ssh keys only; `rules` as `sudo -l` prints them."""

    name: str
    shell: str
    groups: tuple[str, ...]
    keys: tuple[str, ...]
    rules: tuple[str, ...]
    noun: ClassVar[str] = "user"

    def subject(self) -> object:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk(Claim):
    """A device to format, once, when it carries no signature at all."""

    device: str
    filesystem: str
    uuid: str
    mount: str
    noun: ClassVar[str] = "disk"

    def subject(self) -> object:
        return self.device


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount(Claim):
    """A line of fstab. `late` file systems are mounted by a daemon of ours, not at boot."""

    source: str
    path: str
    fstype: str
    options: tuple[str, ...]
    shown_source: str = ""
    shown_fstype: str = ""
    uuid: str = ""
    late: bool = False
    needs: tuple[str, ...] = ()
    noun: ClassVar[str] = "mount point"

    def subject(self) -> object:
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class MountOrder(Claim):
    """A unit that a disk's mount is ordered before, without being required by it."""

    path: str
    before: str
    noun: ClassVar[str] = "mount order"

    def subject(self) -> object:
        return (self.path, self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Claim):
    """A whole file. `check` names the validator that `apply` runs before it counts."""

    path: str
    body: Template | bytes
    mode: str = "0644"
    owner: str = "root"
    group: str = "root"
    check: str = ""
    early: bool = False
    noun: ClassVar[str] = "file"

    def subject(self) -> object:
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Claim):
    """Lines of ours in a file that others write too. `shared` names the list in site.json."""

    path: str
    lines: tuple[str, ...]
    shared: str = ""
    noun: ClassVar[str] = "block"

    def subject(self) -> object:
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit(Claim):
    """A unit that is enabled and active.

    When one of the files in `watch` has changed, `change` is done: `restart`, `reload`, or the
    path of a script. `blocking` is false where starting it must not be waited for. `active` is
    the state it rests in, as `systemctl show` has it. It is left off until its `secrets` are there.
    """

    name: str
    change: str = ""
    watch: tuple[str, ...] = ()
    blocking: bool = True
    active: str = "active"
    packages: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    within: int = 30
    noun: ClassVar[str] = "unit"

    def subject(self) -> object:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Port(Claim):
    """A port, or a range, that a daemon listens on and who may reach it.

    `sources` are addresses and networks; empty means everybody. `addresses` are local ones as
    `ss` writes them. `count` sockets must be there; 0 where it is not ours to say.
    """

    protocol: str
    first: int
    last: int
    sources: tuple[str, ...]
    addresses: tuple[str, ...]
    process: str
    unit: str = ""
    count: int = 1
    phase: str = "booted"
    noun: ClassVar[str] = "port"

    def subject(self) -> object:
        return (self.protocol, self.first, self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Claim):
    """A file that holds a whole secret and nothing else; its bytes are in no bundle.

    `name` is what the spec calls it. `made` is true where any random one will do, so that
    `stook secrets` may make it up; `form` is a key of `verify.kinds.secret.FORMS`.
    """

    name: str
    path: str
    owner: str
    group: str
    mode: str
    purpose: str
    made: bool = True
    form: str = "text"
    noun: ClassVar[str] = "secret file"

    def subject(self) -> object:
        return self.path


class LogField(StrEnum):
    """What stands in one place of a web server's log line."""

    USER = "user"
    TIME = "time"
    REQUEST = "request"
    STATUS = "status"
    BYTES = "bytes"
    REFERER = "referer"
    AGENT = "agent"
    CLIENT = "client"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Watch:
    """Requests of one kind that a log shows, under the name that `watch:` calls them by."""

    name: str
    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(Claim):
    """A log of requests. The daemon's format and every filter are made from `layout` alone.

    `layout` is literal text and fields in turn; CLIENT is one address that the server vouches
    for, FORWARDED a list of which only the last is. Time is `%d/%b/%Y:%H:%M:%S %z`. `ports` are
    where the requests come in. `proxies` are the networks of load balancers in front; where there
    are any, a packet filter sees their addresses only, and `deny` is the file of addresses that
    the server itself refuses, `deny_reload` the command after which it does. `needs` are the ids
    of checks without which no request comes as far as the log.
    """

    path: str
    owner: str
    group: str
    mode: str
    layout: tuple[str | LogField, ...]
    watches: tuple[Watch, ...]
    ports: tuple[int, ...]
    unit: str
    proxies: tuple[str, ...] = ()
    deny: str = ""
    deny_reload: str = ""
    needs: tuple[str, ...] = ()
    noun: ClassVar[str] = "log"

    def subject(self) -> object:
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSource(Claim):
    """A time server."""

    server: str
    noun: ClassVar[str] = "time server"

    def subject(self) -> object:
        return self.server


class Claims:
    """All claims of a site, merged, by type and node."""

    def __init__(self) -> None:
        self._found: dict[tuple[type[Claim], str], dict[object, Claim]] = defaultdict(dict)
        self.conflicts: list[Finding] = []

    def add(self, claims: Iterable[Claim]) -> None:
        """Take claims in; one that contradicts an earlier one becomes a finding."""
        for claim in claims:
            group = self._found[type(claim), claim.node]
            first = group.setdefault(claim.subject(), claim)
            if first is not claim and first != claim:
                self._conflict(first, claim)

    def _conflict(self, first: Claim, second: Claim) -> None:
        subject = second.subject()
        shown = subject if isinstance(subject, str) else " ".join(map(str, subject))  # type: ignore[call-overload]
        message = (
            f"{second.role} and {first.role} want the {second.noun} {shown} "
            f"on `{second.node}` in different ways"
        )
        self.conflicts.append(CONFLICT.at(second.spec, message, also=(first.spec,)))

    def of(self, form: type[T], node: str) -> tuple[T, ...]:
        """The claims of one type on one node, in the order in which they were made."""
        return tuple(self._found[form, node].values())  # type: ignore[arg-type]

    def forms(self) -> frozenset[type[Claim]]:
        """The types of claims that there are."""
        return frozenset(form for form, _ in self._found)


def values(found: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    """A template's values in the form that can be compared and cached."""
    return tuple(sorted(found.items()))
