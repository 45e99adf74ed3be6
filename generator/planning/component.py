"""What a component is: one folder that turns its part of the spec into claims and expectations.

A component resolves its part of the spec once per site into one typed value; None means that it
is not on this site, and nothing else of it is asked. Components never see each other. First each
makes its claims from that value alone; then, in `settle`, each may read everybody's claims by
type. What is settled is read by no component.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from generator.claims import Claim, Claims
from generator.language.findings import Finding, Path, Rule
from generator.language.spec import Part
from generator.planning.site import Node, Site
from generator.platforms import Needs, lacking
from verify.contract import Expectation, ExternalService, Prediction

PartT = TypeVar("PartT")
Rows = tuple[Prediction, ...]


def _nothing(*_: object) -> tuple[()]:
    return ()


def _all(site: Site) -> Iterable[str]:
    return site.nodes


def _no_facts(*_: object) -> Mapping[str, object]:
    return {}


def _no_files(*_: object) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """What a finished site says of itself: on which nodes, to which command, what, and why.

    `within` are seconds until it must be said; one that is not `sure` may be said or not.
    """

    nodes: tuple[str, ...]
    command: str
    what: str
    why: str
    within: int = 0
    sure: bool = True

    @property
    def when(self) -> str:
        """For people."""
        if not self.sure:
            return "maybe"
        return f"after {self.within} s at most" if self.within else "always"


@dataclass(frozen=True, slots=True)
class Store:
    """What holds data on a node, such as a brick or an OSD.

    `on` is the mount point or the device that it lies on, `part` what it has of the whole.
    """

    node: str
    name: str
    on: str
    part: str


@dataclass(frozen=True, slots=True)
class Copies:
    """Where the copies of a volume or a pool lie, and by what rule, in words.

    `subject` is as predictions name it; what is claimed below its `path` of the spec uses it.
    """

    subject: str
    path: Path
    rule: str
    stores: tuple[Store, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A step of a run-book, and the command for it; a word in capitals stands for what it names.

    One for what is `lost` for good comes after all others, whatever cases share the page.
    """

    do: str
    command: str = ""
    lost: bool = False


@dataclass(frozen=True)
class Component(Generic[PartT]):
    """One component, as a table of its functions; `name`, `resolve` and `claim` are needed.

    `model` is its part of the spec, `resolve` makes of it the value that all the others get.
    `platform` is what it needs of the platforms of its `nodes`.
    `shared` are site-wide lists that expectations refer to; `facts` is what behaviour tests need
    to know, `external` what the site uses and does not run itself; `predict` is what will be so
    with something down, in the light of what components before it predict. `extras` are files of
    the site's own folder, beside its nodes: for people to read, part of no bundle.
    `status_messages` are what the finished site will say of itself, `copies` where its data lies,
    `run_book` what is to be done in the case of one of its predictions, `remarks` what an admin of
    a node has to know. `review` finds what is wrong only in the light of others' claims. `validate`
    asks the daemons' own programs, where this machine has them, what they think of the files; only
    `stook check` asks for it.
    """

    name: str
    resolve: Callable[[Site], PartT | None]
    claim: Callable[[Site, PartT], Iterable[Claim]]
    model: type[Part] | None = None
    platform: type[Needs] | None = None
    nodes: Callable[[Site], Iterable[str]] = _all
    rules: tuple[Rule, ...] = ()
    check: Callable[[Site, PartT], Iterable[Finding]] = _nothing
    settle: Callable[[Site, PartT, Claims], Iterable[Claim]] = _nothing
    review: Callable[[Site, PartT, Claims], Iterable[Finding]] = _nothing
    validate: Callable[[Site, PartT, Claims], Iterable[Finding]] = _nothing
    expect: Callable[[Site, PartT, Claims], Iterable[Expectation]] = _nothing
    shared: Callable[[Site, PartT, Claims], Mapping[str, object]] = _no_facts
    facts: Callable[[Site, PartT], Mapping[str, object]] = _no_facts
    external: Callable[[Site, PartT], Iterable[ExternalService]] = _nothing
    extras: Callable[[Site, PartT], Mapping[str, str]] = _no_files
    predict: Callable[[Site, PartT, Claims, Rows], Iterable[Prediction]] = _nothing
    status_messages: Callable[[Site, PartT], Iterable[StatusMessage]] = _nothing
    copies: Callable[[Site, PartT], Iterable[Copies]] = _nothing
    run_book: Callable[[Site, PartT, Prediction], Iterable[Task]] = _nothing
    remarks: Callable[[Site, PartT, str], Iterable[str]] = _nothing

    def lacking(self, site: Site) -> Iterable[tuple[Node, str]]:
        """Keys that its nodes' platforms do not have, each with the first node of that platform."""
        first: dict[str, Node] = {}
        for node in map(site.nodes.__getitem__, self.nodes(site) if self.platform else ()):
            first.setdefault(node.platform.platform, node)
        for node in first.values():
            assert self.platform
            yield from ((node, key) for key in lacking(node.platform, self.platform))

    def on(self, site: Site) -> Resolved | None:
        """The component with its part of a site, or None where it has none."""
        part = self.resolve(site)
        return None if part is None else _Resolved(self, site, part)


class Anything(Protocol):
    """A component whose part may be of any type: what a table of them holds."""

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> type[Part] | None: ...
    @property
    def platform(self) -> type[Needs] | None: ...
    @property
    def rules(self) -> tuple[Rule, ...]: ...
    def lacking(self, site: Site) -> Iterable[tuple[Node, str]]: ...
    def on(self, site: Site) -> Resolved | None: ...


class Resolved(Protocol):
    """A component that is on a site, as the stages ask it; the part stays its own affair."""

    def check(self) -> Iterable[Finding]: ...
    def claim(self) -> Iterable[Claim]: ...
    def settle(self, claims: Claims) -> Iterable[Claim]: ...
    def review(self, claims: Claims) -> Iterable[Finding]: ...
    def validate(self, claims: Claims) -> Iterable[Finding]: ...
    def expect(self, claims: Claims) -> Iterable[Expectation]: ...
    def shared(self, claims: Claims) -> Mapping[str, object]: ...
    def facts(self) -> Mapping[str, object]: ...
    def external(self) -> Iterable[ExternalService]: ...
    def extras(self) -> Mapping[str, str]: ...
    def predict(self, claims: Claims, before: Rows) -> Iterable[Prediction]: ...
    def status_messages(self) -> Iterable[StatusMessage]: ...
    def copies(self) -> Iterable[Copies]: ...
    def run_book(self, case: Prediction) -> Iterable[Task]: ...
    def remarks(self, node: str) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class _Resolved(Generic[PartT]):
    component: Component[PartT]
    site: Site
    part: PartT

    def check(self) -> Iterable[Finding]:
        return self.component.check(self.site, self.part)

    def claim(self) -> Iterable[Claim]:
        return self.component.claim(self.site, self.part)

    def settle(self, claims: Claims) -> Iterable[Claim]:
        return self.component.settle(self.site, self.part, claims)

    def review(self, claims: Claims) -> Iterable[Finding]:
        return self.component.review(self.site, self.part, claims)

    def validate(self, claims: Claims) -> Iterable[Finding]:
        return self.component.validate(self.site, self.part, claims)

    def expect(self, claims: Claims) -> Iterable[Expectation]:
        return self.component.expect(self.site, self.part, claims)

    def shared(self, claims: Claims) -> Mapping[str, object]:
        return self.component.shared(self.site, self.part, claims)

    def facts(self) -> Mapping[str, object]:
        return self.component.facts(self.site, self.part)

    def external(self) -> Iterable[ExternalService]:
        return self.component.external(self.site, self.part)

    def extras(self) -> Mapping[str, str]:
        return self.component.extras(self.site, self.part)

    def predict(self, claims: Claims, before: Rows) -> Iterable[Prediction]:
        return self.component.predict(self.site, self.part, claims, before)

    def status_messages(self) -> Iterable[StatusMessage]:
        return self.component.status_messages(self.site, self.part)

    def copies(self) -> Iterable[Copies]:
        return self.component.copies(self.site, self.part)

    def run_book(self, case: Prediction) -> Iterable[Task]:
        return self.component.run_book(self.site, self.part, case)

    def remarks(self, node: str) -> Iterable[str]:
        return self.component.remarks(self.site, self.part, node)
