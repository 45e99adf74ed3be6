"""How an expectation is made of a kind's want, and sealed with the digest of its bundle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NewType

from generator.language.findings import Path, dotted
from verify.contract import Expectation, Level, Phase
from verify.kinds import stamp

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from generator.planning.site import Site


# The id of another expectation; only `need` makes one.
Need = NewType("Need", str)


def need(node: str, want: type[DataclassInstance], subject: str) -> Need:
    """The expectation of a node that has this want-class and subject.

    That there is one is seen when the plan is made (B111).
    """
    kind = want.__module__.rpartition(".")[2]
    return Need(f"{node}/{kind}/{subject}")


def expectation(
    node: str,
    want: DataclassInstance,
    subject: str,
    spec: Path,
    component: str,
    *,
    phase: Phase = Phase.STEADY,
    level: Level = Level.STATE,
    needs: Iterable[Need] = (),
    within: int = 0,
) -> Expectation:
    """An expectation from a kind's want; the kind is the module that the want lives in."""
    return Expectation(
        id=need(node, type(want), subject),
        component=component,
        want=plain(want),
        spec=dotted(spec),
        level=level,
        phase=phase,
        needs=tuple(needs),
        within=within,
    )


_FIELDS: dict[type, tuple[str, ...]] = {}


def plain(want: DataclassInstance) -> dict[str, Any]:
    """A want-class's fields as plain data, without copying what is in them."""
    names = _FIELDS.get(type(want))
    if names is None:
        names = _FIELDS[type(want)] = tuple(type(want).__dataclass_fields__)
    values = attrgetter(*names)(want)
    return dict(zip(names, values if len(names) > 1 else (values,), strict=True))


def shared_list(name: str) -> Any:
    """The reference to a shared list of site.json, in the place of its value."""
    return {"$list": name}


def stamped(site: Site, node: str) -> Expectation:
    """That a node was given this bundle; what its digest is comes last (`sealed`)."""
    want = stamp.Want(site.name, node, site.digest, bundle_digest="")
    return expectation(node, want, site.name, ("site",), "base", phase=Phase.BAKED)


def sealed(expectations: Iterable[Expectation], digest: str) -> tuple[Expectation, ...]:
    """Expectations of a node, with the digest of its bundle where the stamp must name it.

    It is of all other files, and so the one thing that is known only when they are there.
    """
    return tuple(_seal(one, digest) if "bundle_digest" in one.want else one for one in expectations)


def _seal(one: Expectation, digest: str) -> Expectation:
    return replace(one, want={**one.want, "bundle_digest": digest})
