"""Ceph's monitors believe the planned users and nobody else, each with the planned rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Label
from verify.readers import ceph
from verify.readers.compare import sets


@dataclass(frozen=True, slots=True)
class Want:
    """Capabilities by user and service; `admin` is the node that is asked."""

    users: dict[str, dict[str, str]]
    admin: Label


@dataclass(frozen=True, slots=True)
class Seen:
    """The same, without anybody's key."""

    users: dict[str, dict[str, str]]


def commands(want: Want) -> Mapping[str, Command]:
    """The monitors' own list. It has every key as well, which nothing here keeps."""
    return {"users": ceph.ask(want.admin, "auth ls")}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` for anything but such a list."""
    listed = ceph.read(outputs["users"], "ceph auth ls")["auth_dump"]
    return Seen({str(one["entity"]): {k: str(v) for k, v in one["caps"].items()} for one in listed})


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A right more is a way in; a user more is one whom nobody knows."""
    both = want.users.keys() & seen.users.keys()
    return (
        *sets("user", want.users, seen.users),
        *(
            difference
            for user in sorted(both)
            for difference in sets(
                f"rights of {user}", _words(want.users[user]), _words(seen.users[user])
            )
        ),
    )


def _words(rights: Mapping[str, str]) -> list[str]:
    """`allow profile X` and `profile X` are the same (MonCap.cc), and both are in use."""
    return [f"{service} {_right(right)}" for service, right in sorted(rights.items())]


def _right(right: str) -> str:
    words = " ".join(right.split())
    return words.removeprefix("allow ") if words.startswith("allow profile ") else words
