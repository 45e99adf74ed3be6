"""The components, in the order in which their claims are made. Adding one adds a line here.

A component is imported only when a spec has its key, or when a rule of its is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from generator.planning.component import Anything


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a component is: `module` has it as COMPONENT.

    Beside it `platforms/NAME.yaml` may say what only it needs to know of a platform.
    `key` is that of its part of the spec. `letters` begin the ids of its rules. One that is
    `always` on a site needs no key of the spec.
    """

    module: str
    key: str
    letters: str
    always: bool = False

    def load(self) -> Anything:
        """The component itself."""
        component: Anything = import_module(self.module).COMPONENT
        return component

    @property
    def platforms(self) -> Path:
        """The folder with its own part of the platforms' data; it need not exist."""
        return Path(str(import_module(self.module).__file__)).parent / "platforms"


TABLE = (
    Entry("generator.components.base", "", "N", always=True),
    Entry("generator.components.firewall", "firewall", "W", always=True),
    Entry("generator.components.gluster", "gluster", "G"),
    Entry("generator.components.web", "web", "GT"),
    Entry("generator.components.fail2ban", "fail2ban", "F"),
    Entry("generator.components.ceph", "ceph", "C"),
)


def asked_for(keys: Iterable[str], table: Iterable[Entry] = TABLE) -> Iterator[Entry]:
    """The components that a spec with these keys has."""
    keys = frozenset(keys)
    return (entry for entry in table if entry.always or entry.key in keys)
