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
from verify.readers.compare import extra, missing, sets


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

    `keys` are those of every file that sshd reads for it.
    """

    name: str
    uid: int
    gid: int
    shell: bool
    password: str
    shut: str
    keys: tuple[str, ...]

    @property
    def ways(self) -> tuple[str, ...]:
        """How somebody gets in under this name; for a key no shell is needed, to forward ports."""
        password = self.shell and self.password != "locked"
        ways = ((f"password ({self.password})",) if password else ()) + self.keys
        return () if self.shut else ways


@dataclass(frozen=True, slots=True)
class Seen:
    """All accounts of the name service, and the members of all groups that have some."""

    accounts: tuple[Account, ...]
    groups: dict[str, tuple[str, ...]]


ASKED = "accounts"


def commands(want: Want) -> Mapping[str, Command]:
    """The running sshd says which files it takes keys from."""
    ask = "# getent passwd, group and shadow; sshd -T; the keys in each AuthorizedKeysFile\n"
    return {"accounts": Command(ask + probes.run("ssh_accounts"), timeout=30)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Without root's account the answer is no list of accounts."""
    printed = text(outputs["accounts"], ASKED)
    try:
        data = json.loads(printed)
        rows: tuple[Any, ...] = typed(
            tuple[tuple[str, int, int, bool, str, str, tuple[str, ...]], ...],
            data["accounts"],
            ASKED,
        )
        groups = typed(dict[str, tuple[str, ...]], data["groups"], "groups")
    except (ValueError, TypeError, KeyError, ContractError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    accounts = tuple(Account(*row) for row in rows)
    if not any(account.name == "root" for account in accounts):
        raise Unreadable(f"{ASKED}: root is not among them")
    return Seen(accounts, groups)


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
    )


def _admin(want: Want, seen: Seen, name: str) -> Iterator[Difference]:
    """One key that an admin has beyond the spec's is another one's."""
    account = next((one for one in seen.accounts if one.name == name), None)
    if account is None or account.shut:
        yield Difference(f"login of {name}", "possible", account.shut if account else "no account")
        return
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


def _members(want: Want, seen: Seen, gives: str, group: str) -> Iterator[Difference]:
    allowed = {"root"} if group == "root" else set(want.members.get(group, ()))
    yield from extra(f"group {group} ({gives})", set(seen.groups.get(group, ())) - allowed)
