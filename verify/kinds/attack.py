"""An attacker is shut out by the request that reaches the threshold, and an innocent never is.

Needs two more addresses of the documentation ranges on the machine outside (RFC 5737, RFC 3849);
without them nobody can be attacked from there, and the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers import fail2ban
from verify.readers.answers import said, text
from verify.readers.compare import extra, same

ATTACKER = ("203.0.113.60", "2001:db8::60")
INNOCENT = ("203.0.113.61", "2001:db8::61")
CLEAR, BELOW, LOOK, REACH, LIST, FREE, RETURN = range(1, 8)
STEPS = 8
NO_ADDRESS = 3

# In the order that it prints: what became of each request, one word a line.
_VISIT = """
import concurrent.futures, http.client, socket, sys, time

def visit(source, wait=15):
    made = http.client.HTTPConnection(ADDRESS, PORT, timeout=wait, source_address=(source, 0))
    made.connect()
    return made

def ask(made, method="GET", path="/"):
    made.request(method, path, headers={"X-Forwarded-For": INNOCENT, "Content-Length": "0"})
    answer = made.getresponse()
    answer.read()
    return "refused" if answer.status == 403 else "served"

def outcome(act):
    try:
        return act()
    except socket.timeout:
        return "timeout"
    except OSError as error:
        return type(error).__name__
    except http.client.HTTPException as error:
        return type(error).__name__

ADDRESS, PORT, ATTACKER, INNOCENT, METHOD, PATH, COUNT, DENY = sys.argv[1:9]
# what a cache in front of the server answers says nothing about the server
PROBE = (METHOD, PATH) if DENY == "deny" else ("GET", "/")
PORT, COUNT = int(PORT), int(COUNT)
family = socket.AF_INET6 if ":" in ADDRESS else socket.AF_INET
for own in (ATTACKER, INNOCENT):
    try:
        socket.socket(family).bind((own, 0))
    except OSError:
        print(own + " is not an address of this machine", file=sys.stderr)
        sys.exit(3)
"""
_ATTACK = """
def attack():
    for _ in range(COUNT):
        # a new connection for each, as attackers do
        ask(visit(ATTACKER), METHOD, PATH)
    return "sent"

print(outcome(attack))
"""
_SERVED = """
time.sleep(2.5)
print(outcome(lambda: ask(visit(ATTACKER))), outcome(lambda: ask(visit(INNOCENT))))
"""
_RETURN = """
end, mine = time.monotonic() + 2.5, ""
while mine != "served" and time.monotonic() < end:
    time.sleep(0.25)
    mine = outcome(lambda: ask(visit(ATTACKER)))
print(mine, outcome(lambda: ask(visit(INNOCENT))))
"""
_REACH = """
kept = visit(ATTACKER, 3)
print(outcome(lambda: ask(kept)))
print(outcome(attack))
come = lambda: outcome(lambda: ask(visit(ATTACKER, 3), *PROBE))
beside = concurrent.futures.ThreadPoolExecutor(1)
end, open_one = time.monotonic() + 15, "served"
while open_one == "served" and time.monotonic() < end:
    # never idle for long: the server itself ends such a connection
    time.sleep(0.5)
    asked = beside.submit(come)
    open_one, new = outcome(lambda: ask(kept, *PROBE)), asked.result()
# who came in the moment before the ban comes once more
new = come() if new == "served" else new
print(new, open_one, outcome(lambda: ask(visit(INNOCENT), *PROBE)))
"""


@dataclass(frozen=True, slots=True)
class Want:
    """A jail, what it counts, and where. `turn` keeps two jails of a node from meeting.

    `deny` says that the web server refuses, so that a banned address still gets an answer.
    """

    jail: str
    address: str
    port: int
    method: str
    path: str
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


def _visit(want: Want, count: int, step: int, *parts: str) -> Command:
    attacker, innocent = _pair(want)
    way = "deny" if want.deny else "drop"
    place = (want.address, str(want.port), attacker, innocent)
    words = (*place, want.method, want.path, str(count), way)
    script = quote("".join((_VISIT, *parts)))
    command = f"python3 -c {script} {' '.join(map(quote, words))}"
    step += STEPS * want.turn
    return Command(command, "outside", 30 + 2 * count, step, reaches=want.address)


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
        "below": _visit(want, want.maxretry - 1, BELOW, _ATTACK, _SERVED),
        "look": client(f"{listed} # below", LOOK),
        "reach": _visit(want, 1, REACH, _ATTACK.partition("print")[0], _REACH),
        "list": client(f"{listed} # reached", LIST),
        "free": client(f"{free} # again", FREE),
        "return": _visit(want, 0, RETURN, _ATTACK, _RETURN),
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
        raise Unreadable(f"attack: {said(output)} (the machine outside needs it)")
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
    kept, _, new, open_one, innocent_beside = seen.reached
    return (
        *same(f"after {want.maxretry - 1}", "served", new_below),
        *extra("banned too early", {attacker} & set(seen.banned_below)),
        *same("connection kept open before", "served", kept),
        *same(f"after {want.maxretry}", shut, new),
        *same("connection kept open after", shut, open_one),
        *same("banned", "yes", "yes" if attacker in seen.banned else "no"),
        *extra("innocent banned", {innocent} & {*seen.banned, *seen.banned_below}),
        *same("innocent", ("served", "served"), (innocent_below, innocent_beside)),
        *same("after the ban was lifted", "served", seen.returned[1]),
    )
