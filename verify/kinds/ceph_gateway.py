"""Something that is put through one object gateway comes back through each of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Address, PortNumber
from verify.readers.answers import WRONG, text


@dataclass(frozen=True, slots=True)
class Want:
    """The gateways' addresses by name; `admin` has the keyring of client.admin."""

    addresses: dict[str, Address]
    port: PortNumber
    admin: str


PATIENCE = probes.Seconds(15)
LIMIT = 90


@dataclass(frozen=True, slots=True)
class Seen:
    """What was put, and what each gateway gave back; `error` where nothing could be put or got."""

    token: str
    user: str
    put: str
    got: dict[str, str]
    left: str


def commands(want: Want) -> Mapping[str, Command]:
    """All of it in one go, and gone after it; the pools that gateways make for it stay."""
    words = (PATIENCE, want.port, json.dumps(want.addresses))
    node = f"node:{want.admin}"
    return {"object": probes.ask("ceph_gateway", *words, scope=node, timeout=LIMIT, step=1)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A refusal is an answer. Raises `Unreadable` for what the client does not print."""
    printed = text(outputs["object"], "S3").strip()
    try:
        answer = json.loads(printed)
        contents = {str(name): str(text) for name, text in answer["got"].items()}
        token, user, put, left = (str(answer[key]) for key in ("token", "user", "put", "left"))
        return Seen(token, user, put, contents, left)
    except WRONG:
        raise Unreadable(f"S3: it printed {printed[:200] or 'nothing'}") from None


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """The first thing that went wrong is why the rest was not tried."""
    if seen.user:
        return (Difference("a user of its own", "made", seen.user),)
    if seen.put:
        first = next(iter(want.addresses))
        return (Difference(f"put through {first}", "done", seen.put),)
    return (
        *(
            Difference(f"read through {name}", seen.token, seen.got.get(name, "nothing"))
            for name in want.addresses
            if seen.got.get(name) != seen.token
        ),
        *((Difference("removed", "all of it", seen.left),) if seen.left else ()),
    )
