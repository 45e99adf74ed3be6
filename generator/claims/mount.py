"""Mounts, and what they are ordered before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from generator.claims.claim import Claim, Claims, Inverse, Line, Step
from generator.language.findings import dotted
from generator.planning.expect import Need, expectation, need
from verify.contract import Expectation, Phase
from verify.kinds import fstab, mount

if TYPE_CHECKING:
    from generator.planning.site import Site

# What waits for other nodes is given this many seconds before it is believed absent.
CLUSTERING = 90
GUARDS = ("nosuid", "nodev", "noexec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount(Claim):
    """A line of fstab. `late` file systems are mounted by a daemon of ours, not at boot.

    `frozen` is the option by which nobody writes there, "" where there is none.
    """

    source: str
    path: str
    fstype: str
    options: tuple[str, ...]
    mounted_source: str = ""
    mounted_fstype: str = ""
    uuid: str = ""
    late: bool = False
    frozen: str = ""
    needs: tuple[Need, ...] = ()
    noun: ClassVar[str] = "mount point"
    plural: ClassVar[str] = "mounts"
    columns: ClassVar[tuple[str, ...]] = ("mount point", "source", "type")

    @staticmethod
    def need(node: str, path: str) -> Need:
        """The check that a mount is there."""
        return need(node, mount.Want, path.lstrip("/"))

    def subject(self) -> object:
        return self.path

    def ordered(self, claims: Claims) -> tuple[str, ...]:
        """Its options with the units that it is ordered before."""
        return (*self.options, *self._flags(claims), *self._before(claims))

    def _flags(self, claims: Claims) -> Iterator[str]:
        """What others ask for; where the spec says the opposite, that is meant."""
        mounts = claims.of(Mount, self.node)
        for claim in claims.of(MountOption, self.node):
            said = (claim.option, claim.option.removeprefix("no"))
            if mount_of(claim.path, mounts) == self and not set(said) & set(self.options):
                yield claim.option

    def _before(self, claims: Claims) -> Iterator[str]:
        for claim in claims.of(MountOrder, self.node):
            if claim.path == self.path:
                yield f"x-systemd.before={claim.before}"

    def guards(self, claims: Claims) -> tuple[str, ...]:
        """What keeps files on it from lifting anybody up; the last word about each counts."""
        options = self.ordered(claims)
        last = {option.removeprefix("no"): option for option in options}
        return tuple(flag for flag in GUARDS if last.get(flag.removeprefix("no")) == flag)

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        subject, who = self.path.lstrip("/"), (self.spec, self.component)
        fstype = self.mounted_fstype or self.fstype
        yield expectation(
            self.node,
            mount.Want(self.path, fstype, self.mounted_source, self.uuid, self.guards(claims)),
            subject,
            *who,
            phase=Phase.STEADY if self.late else Phase.BOOTED,
            needs=self.needs,
            within=CLUSTERING if self.late else 0,
        )
        line = fstab.Want(self.source, self.path, self.fstype, self.ordered(claims))
        yield expectation(self.node, line, subject, *who, phase=Phase.BAKED)

    def plan_lines(self) -> Iterator[Line]:
        fields = ("mountpoint", self.path)
        yield Line(Step.MOUNT_POINTS, fields, Inverse.UNSEAL)
        # a mount of either kind has this line
        yield Line(Step.MOUNTS, ("claim-mount", self.path), Inverse.UNMOUNT)
        if not self.late:
            yield Line(Step.MOUNTS, ("mount", self.path), Inverse.KEEP)

    def row(self) -> object:
        return {
            "path": self.path,
            "source": self.source,
            "type": self.fstype,
            "spec": dotted(self.spec),
        }

    def cells(self, site: Site) -> tuple[str, ...]:
        return self.path, self.source, self.fstype


def mount_of(path: str, mounts: Iterable[Mount]) -> Mount | None:
    """The mount that a path lies on, or None where that is the root file system."""
    above = (mount for mount in mounts if path == mount.path or path.startswith(f"{mount.path}/"))
    return max(above, key=lambda mount: len(mount.path), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MountOption(Claim):
    """An option of the mount that a path lies on, for the sake of who uses what is there."""

    path: str
    option: str
    noun: ClassVar[str] = "mount option"

    def subject(self) -> object:
        return (self.path, self.option)


@dataclass(frozen=True, slots=True, kw_only=True)
class MountOrder(Claim):
    """A unit that a disk's mount is ordered before, without being required by it."""

    path: str
    before: str
    noun: ClassVar[str] = "mount order"

    def subject(self) -> object:
        return (self.path, self.before)
