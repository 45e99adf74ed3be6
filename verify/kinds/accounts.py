"""The spec's people can log in to a node and become root, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.plain import ContractError, typed
from verify.readers.answers import text
from verify.readers.compare import extra, missing, same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """The keys of each admin, without comments, and who may be in which of the watched groups.

    `readers` are the groups that read logs. `guests` are accounts that came with the image and may
    stay, with whatever keys they have.
    """

    admins: dict[str, tuple[str, ...]]
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    readers: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()


# Whoever is in one of them is root at once, or has what it takes: all disks, memory, all passwords.
ROOT_GROUPS = (
    # `admin` only where sudoers has a rule for it, and `sudoers` finds that; EC2's account of that
    # name has a group of its own
    *("root", "sudo", "wheel", "disk", "kmem", "shadow"),
    *("docker", "podman", "lxd", "lxc", "incus-admin", "libvirt"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account: `password` is locked, usable or empty; `shut` is what keeps it out for all that.

    `field` is what /etc/passwd has for a password: `x` where shadow has it, or the password's
    state, and then nothing of shadow counts. `keys` are those of every file that sshd reads for it.
    """

    name: str
    uid: int
    gid: int
    shell: bool
    field: str
    password: str
    shut: str
    keys: tuple[str, ...]

    @property
    def ways(self) -> tuple[str, ...]:
        """How somebody gets in under this name; for a key no shell is needed, to forward ports.

        Keys of a closed account open it again by one line of another file, so they count.
        """
        password = self.shell and self.password != "locked" and self.shut != EXPIRED
        return ((f"password ({self.password})",) if password else ()) + self.keys


@dataclass(frozen=True, slots=True)
class Group:
    """A group with all that are in it but by their account's own; `usable` is its password."""

    name: str
    gid: int
    password: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """All accounts and groups of the name service; names of two lines; what others may write."""

    accounts: tuple[Account, ...]
    groups: tuple[Group, ...]
    twice: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()


SHADOWED, EXPIRED = "x", "expired"
ASKED = "accounts"


def commands(want: Want) -> Mapping[str, Command]:
    """The running sshd says which files it takes keys from."""
    typed = "getent passwd, group and shadow; sshd -T; the keys in each AuthorizedKeysFile"
    return {"accounts": probes.ask("ssh_accounts", typed=typed, timeout=30)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Without root's account the answer is no list of accounts."""
    printed = text(outputs["accounts"], ASKED)
    try:
        data = json.loads(printed)
        rows: tuple[Any, ...] = typed(
            tuple[tuple[str, int, int, bool, str, str, str, tuple[str, ...]], ...],
            data["accounts"],
            ASKED,
        )
        of_groups: tuple[Any, ...] = typed(
            tuple[tuple[str, int, str, tuple[str, ...]], ...], data["groups"], "groups"
        )
        twice = typed(tuple[str, ...], data["twice"], "twice")
        writable = typed(tuple[str, ...], data["writable"], "writable")
    except (ValueError, TypeError, KeyError, ContractError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    accounts = tuple(Account(*row) for row in rows)
    if not any(account.name == "root" for account in accounts):
        raise Unreadable(f"{ASKED}: root is not among them")
    groups = tuple(Group(*row) for row in of_groups)
    if not any(group.name == "root" for group in groups):
        raise Unreadable(f"{ASKED}: no group root among them")
    return Seen(accounts, groups, twice, writable)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Both ways: who cannot get in, and who can besides."""
    others = (one for one in seen.accounts if one.name not in want.admins)
    return (
        *extra("uid 0", (one.name for one in seen.accounts if not one.uid and one.name != "root")),
        *extra("gid 0", (one.name for one in seen.accounts if not one.gid and one.name != "root")),
        *chain.from_iterable(_admin(want, seen, name) for name in want.admins),
        *extra("way in", chain.from_iterable(_ways(want, one) for one in others)),
        *chain.from_iterable(_members(want, seen, "root", name) for name in ROOT_GROUPS),
        *chain.from_iterable(_members(want, seen, "logs", name) for name in want.readers),
        *chain.from_iterable(map(_field, seen.accounts)),
        *extra("uid of several names", _shared(seen)),
        *extra("group with a password", (g.name for g in seen.groups if g.password == "usable")),
        *extra("name of two lines", seen.twice),
        *extra("written by others than root", seen.writable),
    )


def _admin(want: Want, seen: Seen, name: str) -> Iterator[Difference]:
    """One key that an admin has beyond the spec's is another one's."""
    account = next((one for one in seen.accounts if one.name == name), None)
    if account is None:
        yield Difference(f"login of {name}", "possible", "no account")
        return
    yield from same(f"login of {name}", "possible", account.shut or "possible")
    yield from sets(f"key of {name}", want.admins[name], account.keys)
    if not account.shell:
        yield from missing(f"shell of {name}", ("one to log in with",))
    if account.password != "locked":
        yield Difference(f"password of {name}", "locked", account.password)


def _ways(want: Want, one: Account) -> Iterator[str]:
    """A guest has the image's keys, which are its own affair, and no password."""
    for way in one.ways:
        if one.name not in want.guests or way not in one.keys:
            yield f"{one.name} by {way}"


def _members(want: Want, seen: Seen, gives: str, name: str) -> Iterator[Difference]:
    """The kernel knows a group by its number, whatever it is called."""
    allowed = {"root"} if name == "root" else set(want.members.get(name, ()))
    gids = {one.gid for one in seen.groups if one.name == name}
    alike = [one for one in seen.groups if one.gid in gids]
    members = {member for one in alike for member in one.members}
    members |= {one.name for one in seen.accounts if one.gid in gids}
    yield from extra(f"group {name} ({gives})", members - allowed)
    yield from extra(f"other name of group {name}", {one.name for one in alike} - {name})


def _field(one: Account) -> tuple[Difference, ...]:
    return same(f"password field of {one.name} in /etc/passwd", SHADOWED, one.field)


def _shared(seen: Seen) -> Iterator[str]:
    """Whoever is let in under one of the names is the other one, too; uid 0 is said apart."""
    names: dict[int, set[str]] = {}
    for one in seen.accounts:
        names.setdefault(one.uid, set()).add(one.name)
    for uid, several in names.items():
        if uid and len(several) > 1:
            yield f"{uid} ({' '.join(sorted(several))})"
