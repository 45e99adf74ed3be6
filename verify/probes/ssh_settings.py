"""What sshd wants of whom, as JSON: HERE ADDRESS…, an own address and such as people come from."""

from __future__ import annotations

import ipaddress
import itertools
import json
import os
import pwd
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from verify.probes.sshd import NO_LOGIN, NOWHERE, STRANGER, Daemon, daemons, files, settings

MOST = 2000


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


def read_since(daemon: Daemon, note: str) -> float:
    """When it last read its files: at a start and at each reload it writes its number anew."""
    try:
        if int(Path(note).read_text()) == daemon.number:
            return Path(note).stat().st_mtime
    except (OSError, ValueError):
        pass
    ticks = int(Path(f"/proc/{daemon.number}/stat").read_text().rpartition(")")[2].split()[19])
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return booted + ticks / os.sysconf("SC_CLK_TCK")


def newer(paths: Iterable[str], folders: Iterable[str], since: float) -> Iterator[str]:
    """What was changed since: contents and modes of files, and which files there are."""
    yield from (path for path in paths if Path(path).stat().st_ctime > since)
    there = (folder for folder in folders if Path(folder).is_dir())
    yield from (f"{folder}/" for folder in there if Path(folder).stat().st_mtime > since)


def connections(
    matches: list[str], here: str, addresses: Iterable[str], port: str
) -> list[tuple[str, ...]]:
    """Who might come from where, as far as it makes a difference: none where nothing is matched."""
    if not matches:
        return []
    people = [one.pw_name for one in pwd.getpwall() if not NO_LOGIN.search(one.pw_shell)]
    kinds = (
        [*people, STRANGER, *samples(matches, "user")],
        [*addresses, *NOWHERE, *samples(matches, "address")],
        [here, *samples(matches, "localaddress")],
        ["nowhere.invalid", *samples(matches, "host")],
        [port, *samples(matches, "localport")],
    )
    every = list(itertools.product(*map(dict.fromkeys, kinds)))
    if len(every) > MOST:
        sys.exit(f"sshd has rules for {len(every)} kinds of connections, which are too many to ask")
    return every


def effective(daemon: Daemon, here: str, addresses: tuple[str, ...]) -> dict[str, object]:
    paths, folders, matches = files(daemon)
    plain = settings(daemon, STRANGER, NOWHERE[0])
    others = []
    port = plain.get("port", "22").split()[0]
    for one in connections(matches, here, addresses, port):
        own = settings(daemon, *one)
        names = {*plain, *own}
        differs = {name: own.get(name, "") for name in names if plain.get(name) != own.get(name)}
        if differs:
            others.append([one[0], one[1], differs])
    changed = list(newer(paths, folders, read_since(daemon, plain.get("pidfile", ""))))
    return {"newer": changed, "settings": plain, "others": others}


def main(here: str, *addresses: str) -> None:
    answers = [effective(daemon, here, addresses) for daemon in daemons()]
    if not answers:
        sys.exit("no sshd takes connections here")
    print(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
