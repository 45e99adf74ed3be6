"""Package families: what the tools that install packages read, by the name that a platform has.

A family is a folder. Its module knows where a repository is written down, and how, and what can be
asked of the database that its packages leave on a node; its two parts of scripts for nodes,
`installed.sh` and `install.sh`, know its commands. They define

* `installed_version PACKAGE`: prints it, and is not true where that is not wholly installed;
* `hold_daemons` and `release_daemons`: what is installed between them is not started by that;
* `fetch_and_install PACKAGE…`: one try, with an end to each wait on a network;
* `complaints LOG`: the few lines of its output that say what was wrong;
* `MANAGER`: what that output is named after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module, resources
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from generator.claims import Claims, File, Repository
    from generator.planning.site import Node


class Family(Protocol):
    """What the module of each family offers.

    `PLACES` are where its database is: nothing is mounted there, or below. `LOGIN` is where a login
    of a repository is kept that others do not read, in words.
    """

    PLACES: tuple[str, ...]
    LOGIN: str

    def refuses(self, suites: Sequence[str], components: Sequence[str]) -> str:
        """Why it would not take a repository that is divided so; empty where it would."""

    def files(self, repository: Repository) -> Iterator[File]: ...

    def held(self, node: Node, claims: Claims) -> Iterator[DataclassInstance]:
        """What tells the files of packages from others: wants of kinds that ask its own database.

        Each is of another kind, and about all of a node.
        """


def load(name: str) -> Family:
    """The family of that name, or of that module."""
    return cast(Family, import_module(_module(name)))


def known(name: str) -> bool:
    """Whether there is a family of that name."""
    try:
        return find_spec(_module(name)) is not None
    except ModuleNotFoundError:
        return False


def home(name: str) -> Traversable:
    """Where the parts of its scripts lie."""
    return resources.files(_module(name))


def _module(name: str) -> str:
    return name if "." in name else f"{__name__}.{name}"
