"""The sshd that answers on a node's address offers public keys as the only way in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import first_line, text
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """Asked for each of these users, at this address and port."""

    address: str
    users: tuple[str, ...]
    port: int = 22


WAIT = probes.Seconds(5)
OFFER = re.compile(r"Permission denied \(([^)]*)\)")
# No key is tried and no file of the asking account is read or written.
OPTIONS = (
    *("BatchMode=yes", "PreferredAuthentications=none", "StrictHostKeyChecking=no"),
    *("UserKnownHostsFile=/dev/null", "LogLevel=ERROR", f"ConnectTimeout={WAIT.shell}"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What it offers each user, or that it lets them in at once."""

    offers: dict[str, str]


def commands(want: Want) -> Mapping[str, Command]:
    """Asked on the node itself, whose address no jail of its own ever bans."""
    words = " ".join(f"-o {option}" for option in OPTIONS)
    ask = f"ssh -F none -T -n -p {want.port} {words} -l"
    return {
        user: Command(f"{ask} {quote(user)} -- {quote(want.address)} true", timeout=3 * WAIT)
        for user in want.users
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Only a refusal that names ways in is an answer, and being let in."""
    return Seen({user: _offer(user, outputs[user]) for user in want.users})


def _offer(user: str, output: Output) -> str:
    text(output, f"ssh as {user}", codes=(0, 255))
    if output.code == 0:
        return "anything: it let nobody in particular in"
    match = OFFER.search(output.err)
    if not match:
        raise Unreadable(f"ssh as {user}: {first_line(output)}")
    return match[1]


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What is offered besides is a way in that somebody will try."""
    return tuple(
        difference
        for user, offer in seen.offers.items()
        for difference in same(f"offered to {user}", "publickey", offer)
    )
