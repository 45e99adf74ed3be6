"""What a component is: one folder that turns its part of the spec into claims and expectations.

Components never see each other. First each makes its claims from the site alone; then, in
`settle`, each may read everybody's claims by type. What is settled is read by no component.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from pydantic import BaseModel

from generator.claims import Claim, Claims
from generator.diagnostics import Finding, Path, Rule, dotted
from generator.site import Site
from verify.contract import Expectation, Level, Phase


def _nothing(*_: Any) -> tuple[()]:
    return ()


def _no_facts(*_: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Saying:
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


@dataclass(frozen=True)
class Component:
    """One component, as a table of its functions; only `name` and `claim` are needed.

    `key` and `model` are its part of the spec. `shared` are site-wide lists that expectations
    refer to; `facts` is what behaviour tests need to know; `predict` is what will be so with
    something down, as rows of plain data. `extras` are files of the site's own folder, beside its
    nodes: for people to read, part of no bundle. `says` is what the finished site will say of
    itself. `review` finds what is wrong only in the light of others' claims; `prove` asks other
    programs, where there are any, and `stook check` asks it.
    """

    name: str
    claim: Callable[[Site], Iterable[Claim]]
    key: str = ""
    model: type[BaseModel] | None = None
    rules: tuple[Rule, ...] = ()
    check: Callable[[Site], Iterable[Finding]] = _nothing
    settle: Callable[[Site, Claims], Iterable[Claim]] = _nothing
    review: Callable[[Site, Claims], Iterable[Finding]] = _nothing
    prove: Callable[[Site, Claims], Iterable[Finding]] = _nothing
    expect: Callable[[Site, Claims], Iterable[Expectation]] = _nothing
    shared: Callable[[Site, Claims], Mapping[str, Any]] = _no_facts
    facts: Callable[[Site], Mapping[str, Any]] = _no_facts
    extras: Callable[[Site], Mapping[str, str]] = _no_facts
    predict: Callable[[Site], Iterable[Mapping[str, Any]]] = _nothing
    says: Callable[[Site], Iterable[Saying]] = _nothing


def expectation(
    node: str,
    want: Any,
    subject: str,
    spec: Path,
    component: str,
    *,
    phase: Phase = Phase.STEADY,
    level: Level = Level.STATE,
    needs: Iterable[str] = (),
    within: int = 0,
) -> Expectation:
    """An expectation from a kind's want; the kind is the module that the want lives in."""
    kind = type(want).__module__.rpartition(".")[2]
    return Expectation(
        id=f"{node}/{kind}/{subject}",
        component=component,
        want=plain(want),
        spec=dotted(spec),
        level=level,
        phase=phase,
        needs=tuple(needs),
        within=within,
    )


_FIELDS: dict[type, tuple[str, ...]] = {}


def plain(want: Any) -> dict[str, Any]:
    """A want-class's fields as plain data, without copying what is in them."""
    names = _FIELDS.get(type(want))
    if names is None:
        names = _FIELDS[type(want)] = tuple(type(want).__dataclass_fields__)
    found = attrgetter(*names)(want)
    return dict(zip(names, found if len(names) > 1 else (found,), strict=True))


def shared_list(name: str) -> Any:
    """The reference to a shared list of site.json, in the place of its value."""
    return {"$list": name}
