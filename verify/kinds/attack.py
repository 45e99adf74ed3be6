"""An attacker is shut out by the request that reaches the threshold, and an innocent never is.

Needs two more addresses of the documentation ranges on the machine outside (RFC 5737, RFC 3849);
without them nobody can be attacked from there, and the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Address, PortNumber, Target, Word
from verify.readers import fail2ban
from verify.readers.answers import first_line, text
from verify.readers.compare import extra, same

ATTACKER = ("203.0.113.60", "2001:db8::60")
INNOCENT = ("203.0.113.61", "2001:db8::61")
CLEAR, BELOW, LOOK, REACH, LIST, FREE, RETURN = range(1, 8)
STEPS = 8
NO_ADDRESS = 3


@dataclass(frozen=True, slots=True)
class Want:
    """A jail, what it counts, and where. `turn` keeps two jails of a node from meeting.

    `deny` says that the web server refuses, so that a banned address still gets an answer.
    """

    jail: Word
    address: Address
    port: PortNumber
    method: Word
    path: Target
    maxretry: int
    deny: bool
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of the requests, in the order in which they were made, and who was banned."""

    below: tuple[str, ...]
    banned_below: tuple[str, ...]
    reached: tuple[str, ...]
    banned: tuple[str, ...]
    returned: tuple[str, ...]


def _pair(want: Want) -> tuple[str, str]:
    six = ":" in want.address
    return ATTACKER[six], INNOCENT[six]


def _visit(want: Want, what: str, count: int, step: int) -> Command:
    attacker, innocent = _pair(want)
    way = "deny" if want.deny else "drop"
    place = (want.address, want.port, attacker, innocent)
    words = (what, *place, want.method, want.path, count, way)
    limit, step = 30 + 2 * count, step + STEPS * want.turn
    where = {"scope": "outside", "reaches": want.address}
    return probes.ask("attack", *words, timeout=limit, step=step, **where)


def commands(want: Want) -> Mapping[str, Command]:
    """One request less than it takes, then the last one, then the way back.

    All of them claim to come from the innocent address.
    """
    attacker, _ = _pair(want)
    first = STEPS * want.turn

    def client(words: str, step: int) -> Command:
        return Command(f"fail2ban-client {words}", timeout=20, step=first + step)

    free = f"set {want.jail} unbanip {attacker}"
    listed = f"get {want.jail} banned"
    return {
        "clear": client(free, CLEAR),
        "below": _visit(want, "below", want.maxretry - 1, BELOW),
        "look": client(f"{listed} # below", LOOK),
        "reach": _visit(want, "reach", 1, REACH),
        "list": client(f"{listed} # reached", LIST),
        "free": client(f"{free} # again", FREE),
        "return": _visit(want, "return", 0, RETURN),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` without the addresses outside, or without the server on the node."""
    for key in ("clear", "free"):
        text(outputs[key], "fail2ban-client unbanip")
    return Seen(
        _words(outputs["below"], 3),
        _banned(outputs["look"]),
        _words(outputs["reach"], 5),
        _banned(outputs["list"]),
        _words(outputs["return"], 3),
    )


def _words(output: Output, count: int) -> tuple[str, ...]:
    if output.code == NO_ADDRESS:
        raise Unreadable(f"attack: {first_line(output)} (the machine outside needs it)")
    words = tuple(text(output, "attack").split())
    if len(words) != count:
        raise Unreadable(f"attack: cannot read {output.out[:200]!r}")
    return words


def _banned(output: Output) -> tuple[str, ...]:
    return fail2ban.banned(output) or ()


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A ban that comes early, late or never, one that an open connection survives, and a wrong one.

    Without a load balancer the attacker hears nothing more, not even that it is refused.
    """
    attacker, innocent = _pair(want)
    shut = "refused" if want.deny else "timeout"
    _, new_below, innocent_below = seen.below
    persistent, _, new, open_one, innocent_beside = seen.reached
    return (
        *same(f"after {want.maxretry - 1}", "served", new_below),
        *extra("banned too early", {attacker} & set(seen.banned_below)),
        *same("connection kept open before", "served", persistent),
        *same(f"after {want.maxretry}", shut, new),
        *same("connection kept open after", shut, open_one),
        *same("banned", "yes", "yes" if attacker in seen.banned else "no"),
        *extra("innocent banned", {innocent} & {*seen.banned, *seen.banned_below}),
        *same("innocent", ("served", "served"), (innocent_below, innocent_beside)),
        *same("after the ban was lifted", "served", seen.returned[1]),
    )
