"""What every claim is: the node, the key of the spec and the part of us that asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, ClassVar, TypeVar

from generator.language.findings import Finding, Path, Rule

if TYPE_CHECKING:
    from generator.planning.site import Site
    from verify.contract import Expectation

CONFLICT = Rule(
    "N120",
    "two wishes for one thing",
    "Two parts of the spec ask for different things in one place; whichever came last would "
    "silently win.",
    "change one of the two places, so that they agree or no longer meet",
)
RULES = (CONFLICT,)

ClaimT = TypeVar("ClaimT", bound="Claim")


class Step(IntEnum):
    """The steps of `apply`, in its order; plan.tsv has their lines in the same one."""

    IDENTITY = 0
    REPOSITORIES = 1
    PACKAGES = 2
    LOGINS = 3
    USERS = 4
    DISKS = 5
    MOUNT_POINTS = 6
    FILES = 7
    SECRETS = 8
    BLOCKS = 9
    MOUNTS = 10
    UNITS = 11


class Inverse(StrEnum):
    """What becomes of a thing whose line is no longer in the plan."""

    KEEP = "keep"
    REMOVE = "remove"
    LOCK = "lock"
    STOP = "stop"
    UNMOUNT = "unmount"
    UNSEAL = "unseal"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of plan.tsv: the step that reads it, its fields with the verb first, its inverse."""

    step: Step
    fields: tuple[str, ...]
    inverse: Inverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(ABC):
    """One thing that a part of us asks for on one node.

    `plural` is its heading in `stook plan`, if it is shown there: `row` for programs, and for
    people `cells` under these `columns`, if it has any.
    """

    node: str
    spec: Path = field(compare=False)
    role: str = field(compare=False)

    noun: ClassVar[str] = "thing"
    plural: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]] = ()

    @property
    def component(self) -> str:
        """The component that asks; the first half of the role."""
        return self.role.partition("/")[0]

    @abstractmethod
    def subject(self) -> object:
        """What two claims must agree about; the claim's own name for it."""

    @property
    def held(self) -> str:
        """How checks name it: its noun, and what two such claims must agree about."""
        subject = self.subject()
        words = subject if isinstance(subject, tuple) else (subject,)
        return " ".join((self.noun, *map(str, words)))

    def expectations(self, site: Site, claims: Claims) -> Iterator[Expectation]:
        """The checks that fail when a node does not have what is claimed."""
        yield from ()

    def plan_lines(self) -> Iterator[Line]:
        """What `apply` is told."""
        yield from ()

    def row(self) -> object:
        """What `stook plan` shows, as plain data."""
        return self.subject()

    def cells(self, site: Site) -> tuple[str, ...]:
        """What `stook plan` shows people; equal ones of several nodes are one line."""
        return ()


class Claims:
    """All claims of a site, merged, by type and node."""

    def __init__(self) -> None:
        self._found: dict[tuple[type[Claim], str], dict[object, Claim]] = defaultdict(dict)
        self._types: dict[type[Claim], None] = {}
        self._roles: dict[tuple[type[Claim], str, object], set[str]] = defaultdict(set)
        self.conflicts: list[Finding] = []

    def add(self, claims: Iterable[Claim]) -> None:
        """Take claims in; one that contradicts an earlier one becomes a finding."""
        for claim in claims:
            self._types[type(claim)] = None
            self._roles[type(claim), claim.node, claim.subject()].add(claim.role)
            group = self._found[type(claim), claim.node]
            first = group.setdefault(claim.subject(), claim)
            if first is not claim and first != claim:
                self._conflict(first, claim)

    def _conflict(self, first: Claim, second: Claim) -> None:
        subject = second.subject()
        subject_text = subject if isinstance(subject, str) else " ".join(map(str, subject))  # type: ignore[call-overload]
        message = (
            f"{second.role} and {first.role} want the {second.noun} {subject_text} "
            f"on `{second.node}` in different ways"
        )
        self.conflicts.append(CONFLICT.at(second.spec, message, also=(first.spec,)))

    def lines(self, node: str) -> Iterator[Line]:
        """What `apply` is told of all claims of a node, in the order in which they were made."""
        for form in self._types:
            for claim in self.of(form, node):
                yield from claim.plan_lines()

    def types(self) -> tuple[type[Claim], ...]:
        """The types of claims that there are, in the order in which they first came."""
        return tuple(self._types)

    def of(self, form: type[ClaimT], node: str) -> tuple[ClaimT, ...]:
        """The claims of one type on one node, in the order in which they were made."""
        return tuple(self._found[form, node].values())  # type: ignore[arg-type]

    def roles(self, claim: Claim) -> frozenset[str]:
        """Everybody who asks for what a claim is about."""
        return frozenset(self._roles[type(claim), claim.node, claim.subject()])


def listed(names: Sequence[str], between: str = ", ") -> str:
    """The first four of some names, and how many there are besides."""
    return between.join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
