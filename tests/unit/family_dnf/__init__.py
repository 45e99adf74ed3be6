"""A made-up family of packages, to see that nothing but a family knows where repositories are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from generator.claims import Claims, File, Repository

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from generator.planning.site import Node


PLACES = ("/var/lib/rpm",)
LOGIN = "`username` and `password` of a file of /etc/yum.repos.d, mode 0600"


def refuses(suites: Sequence[str], components: Sequence[str]) -> str:
    """Its repositories are not divided."""
    return "there are no components" if components else ""


def files(repository: Repository) -> Iterator[File]:
    """One file for each repository, as dnf.conf(5) has them."""
    lines = (f"[stook-{repository.name}]", f"baseurl={repository.uri}", f"name={repository.name}")
    yield File(
        node=repository.node,
        spec=repository.spec,
        role=repository.role,
        path=f"/etc/yum.repos.d/stook-{repository.name}.repo",
        body="".join(f"{line}\n" for line in lines).encode(),
        format="php_ini",
        early=True,
    )


def held(node: Node, claims: Claims) -> Iterator[DataclassInstance]:
    """Nothing asks its database."""
    yield from ()
