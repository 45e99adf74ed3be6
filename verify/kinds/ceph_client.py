"""The monitors let a client of Ceph in with the key that is on its node."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Label
from verify.readers import ceph
from verify.readers.answers import text
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """A user by its name, without `client.`."""

    name: Label


LET_IN = "let in"
# What the library makes of a refusal, of rights that are none, of no key and of a key that is none.
REFUSALS = {
    errno.EACCES: "refused",
    errno.EPERM: "refused",
    errno.ENOENT: "there is no key",
    errno.EINVAL: "its key is none",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of it, in words."""

    received: str


def commands(want: Want) -> Mapping[str, Command]:
    """It connects, and asks for nothing."""
    return {"connect": probes.ask("ceph_client", want.name, ceph.PATIENCE, timeout=ceph.LIMIT)}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` where nobody has said yes or no."""
    code, said = json.loads(text(outputs["connect"], f"client.{want.name}"))
    if code and code not in REFUSALS:
        raise Unreadable(f"client.{want.name}: {said}")
    return Seen(REFUSALS[code] if code else LET_IN)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What it may do then is compared by `ceph_users`."""
    return same(f"client.{want.name}", LET_IN, seen.received)
