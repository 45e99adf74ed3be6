"""What sshd wants of whom, as JSON: UNIT HERE ADDRESS…, an own one and such as people come from."""

from __future__ import annotations

import ipaddress
import itertools
import json
import pwd
import re
import sys
import time
from collections.abc import Iterable, Iterator

from verify.probes.login_traps import traps
from verify.probes.ssh_daemon import described, main_process, newer, noted, state_changed
from verify.probes.sshd import (
    NO_LOGIN,
    NOWHERE,
    PROGRAM,
    STRANGER,
    Daemon,
    daemons,
    files,
    holders,
    settings,
    waiting,
)

# so many take a node a second and a half
MOST = 100
LOOKS, PAUSE = 10, 0.2
PLACE = re.compile(r"address|host|port", re.IGNORECASE)


def samples(matches: Iterable[str], criterion: str) -> Iterator[str]:
    """Something that each pattern of a criterion matches, and what it leaves out, too."""
    for line in matches:
        for patterns in re.findall(rf"\b{criterion}[\s=]+\"?([^\s\"]+)", line, re.IGNORECASE):
            for pattern in patterns.split(","):
                one = pattern.lstrip("!").replace("*", "1").replace("?", "1")
                try:
                    yield str(ipaddress.ip_network(one, strict=False).network_address)
                except ValueError:
                    yield one


def people() -> list[str]:
    """Every account: those that may log in come first, where not all can be asked about."""
    every = sorted(pwd.getpwall(), key=lambda one: bool(NO_LOGIN.search(one.pw_shell)))
    return [one.pw_name for one in every]


def connections(
    matches: list[str], here: str, addresses: Iterable[str], port: str
) -> list[tuple[str, ...]]:
    """Who might come from where, as far as it makes a difference: none where nothing is matched.

    They show what a Match does. That there is one is said apart: no sample is trusted to be met.
    """
    if not matches:
        return []
    accounts = [*samples(matches, "user"), *people(), STRANGER]
    froms = [*samples(matches, "address"), *addresses, *NOWHERE]
    kinds = (
        froms if any(map(PLACE.search, matches)) else NOWHERE[:1],
        [here, *samples(matches, "localaddress")],
        ["nowhere.invalid", *samples(matches, "host")],
        [port, *samples(matches, "localport")],
    )
    places = itertools.product(*map(dict.fromkeys, kinds))
    every = ((account, *place) for place in places for account in dict.fromkeys(accounts))
    return list(itertools.islice(every, MOST))


def others(plain: dict[str, str], daemon: Daemon, who: list[tuple[str, ...]]) -> Iterator[object]:
    """A sample may be none that sshd takes, which must not hide what the others show."""
    for one in who:
        try:
            own = settings(daemon, *one)
        except SystemExit:
            continue
        names = {*plain, *own}
        differs = {name: own.get(name, "") for name in names if plain.get(name) != own.get(name)}
        if differs:
            yield [one[0], one[1], differs]


def takers() -> tuple[list[Daemon], int]:
    """Who takes connections, and how many sockets for them nobody has who could be seen.

    What is there for a moment only, as a child of sshd's that has not yet closed what it inherits,
    is gone when it is looked for again; on a busy node that moment can be long.
    """
    sockets = waiting()
    hidden = (sockets - set(holders(sockets))) & waiting()
    every = list(daemons())
    for _ in range(LOOKS if every[1:] else 0):
        time.sleep(PAUSE)
        again = {one.number for one in daemons()}
        every = [one for one in every if one.number in again]
        if not every[1:]:
            break
    return every, len(hidden)


def report(unit: str, here: str, addresses: tuple[str, ...]) -> dict[str, object]:
    """Without a listener there is nothing to ask."""
    every, hidden = takers()
    if not every and not hidden:
        sys.exit("no sshd takes connections here")
    main = main_process(unit)
    first = Daemon(main, PROGRAM, "")
    paths, folders, matches = files(first)
    plain = settings(first, STRANGER, NOWHERE[0])
    who = connections(matches, here, addresses, plain.get("port", "22").split()[0])
    read, known = (noted(main, plain.get("pidfile", "")), state_changed(unit)) if main else (0, 0)
    return {
        "main": main,
        "listeners": [described(one) for one in every],
        "hidden": hidden,
        "apart": round(abs(read - known)),
        "newer": list(newer(paths, folders, min(read, known))) if main else [],
        "matches": list(dict.fromkeys(matches)),
        "settings": plain,
        "others": list(others(plain, first, who)),
        "traps": list(traps()),
    }


if __name__ == "__main__":
    print(json.dumps(report(sys.argv[1], sys.argv[2], tuple(sys.argv[3:]))))
