"""A node has just the keyrings that its roles need, and nobody else may read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import text
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """The owner of each keyring, by its path."""

    owners: dict[str, str]


MODE = "0600"
# Where Ceph's programs look for keyrings by themselves.
PLACES = "/etc/ceph/*keyring* /var/lib/ceph/*/*keyring* /var/lib/ceph/*/*/keyring"


@dataclass(frozen=True, slots=True)
class Seen:
    """Mode and owner of each keyring, as `0600 ceph:ceph`."""

    keyrings: dict[str, str]


def commands(want: Want) -> Mapping[str, Command]:
    """Never what is in them."""
    look = f'for f in {PLACES}; do [ ! -e "$f" ] || stat -L -c \'%a|%U:%G|%n\' -- "$f"; done'
    return {"keyrings": Command(look)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """One line for each."""
    keyrings: dict[str, str] = {}
    for line in text(outputs["keyrings"], "stat of keyrings").splitlines():
        fields = line.split("|", 2)
        if len(fields) != 3:
            raise Unreadable(f"stat of keyrings: cannot read {line!r}")
        keyrings[fields[2]] = f"{fields[0].zfill(4)} {fields[1]}"
    return Seen(keyrings)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A key where it is not needed is a key for whoever gets at that node."""
    both = sorted(set(want.owners) & set(seen.keyrings))
    modes = (same(path, f"{MODE} {_pair(want.owners[path])}", seen.keyrings[path]) for path in both)
    return (
        *sets("keyring", want.owners, seen.keyrings),
        *(difference for differences in modes for difference in differences),
    )


def _pair(owner: str) -> str:
    return f"{owner}:{owner}"
