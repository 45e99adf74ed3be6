"""The sshd that runs lets people in by the planned keys alone, whoever and from wherever."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Word
from verify.plain import ContractError, read
from verify.probes.sshd import PROGRAM
from verify.readers.answers import text
from verify.readers.compare import extra, same
from verify.readers.sshd_settings import FILES, KEYWORDS, KNOWN, Rule


@dataclass(frozen=True, slots=True)
class Want:
    """`keys` is the value of AuthorizedKeysFile; `guests` are accounts with another one.

    `address` is the node's own one, `sources` such as people come from. Nobody but the main process
    of `unit` takes connections.
    """

    keys: str
    address: str
    sources: tuple[str, ...]
    guests: dict[str, str] = field(default_factory=dict)
    unit: Word = "ssh.service"


@dataclass(frozen=True, slots=True)
class Listener:
    """Who takes connections: its process, what it runs, how it calls itself.

    `elsewhere` is in what respects it sees another machine than this one, and `libraries` code in
    it that its program does not ask for.
    """

    number: int
    program: str
    title: str
    elsewhere: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Who takes connections, what the files say, and what is changed since they were read.

    `hidden` counts sockets at the port that no process has; `apart` is by how many seconds sshd
    read its files at another time than systemd started or reloaded it. `settings` are for a
    stranger from nowhere, `others` what is otherwise for (user, address), `matches` whom sshd
    treats otherwise; `traps` run in the session of whoever logs in.
    """

    main: int
    listeners: tuple[Listener, ...]
    hidden: int
    apart: int
    newer: tuple[str, ...]
    matches: tuple[str, ...]
    settings: dict[str, str]
    others: tuple[tuple[str, str, dict[str, str]], ...]
    traps: tuple[str, ...]


ASKED = "sshd -T"
TITLE = f"sshd: {PROGRAM} -D [listener]"
COUNTS = re.compile(r" \d+ of \d+-\d+ startups$")
# It writes its number when it has read them, and systemd the time when it says that it is ready.
SLACK = 30


def commands(want: Want) -> Mapping[str, Command]:
    """Who has the sockets, and what its files say, also of everybody whom a Match might mean."""
    typed = "who takes ssh's connections, and sshd -T, plain and with -C for who may come"
    words = (want.unit, want.address, *want.sources)
    return {"settings": probes.ask("ssh_settings", *words, typed=typed, timeout=60)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """An sshd that says nothing of public keys is none, and one that nobody runs neither."""
    printed = text(outputs["settings"], ASKED)
    try:
        seen = read(Seen, json.loads(printed), ASKED)
    except (ValueError, ContractError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    if "pubkeyauthentication" not in seen.settings or not (seen.listeners or seen.hidden):
        raise Unreadable(f"{ASKED}: it does not say what it wants of people")
    return seen


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Of a setting that a Match changes it is said for whom."""
    plain = tuple(_settings(want, seen.settings, ""))
    differences = dict.fromkeys((*_daemons(want, seen), *_read(want, seen), *plain))
    matched: dict[tuple[str, Difference], list[str]] = {}
    for user, address, differs in seen.others:
        for one in _settings(want, seen.settings | differs, user):
            if one not in plain:
                matched.setdefault((user, one), []).append(address)
    for (user, one), addresses in matched.items():
        more = f" and {len(addresses) - 1} more addresses" if addresses[1:] else ""
        what = f"{one.what} for {user} from {addresses[0]}{more}"
        differences |= {replace(one, what=what): None}
    return (*differences, *extra("run at a login", seen.traps))


def _daemons(want: Want, seen: Seen) -> Iterator[Difference]:
    """Anybody else, or the right one in disguise, is not the one whose files are asked about."""
    if seen.hidden:
        text = f"{seen.hidden} sockets of nobody who can be seen"
        yield Difference("takes connections", f"the main process of {want.unit}", text)
    for one in seen.listeners:
        if one.number != seen.main:
            text = f"{one.program} (process {one.number})"
            yield Difference("takes connections", f"the main process of {want.unit}", text)
        yield from same("program", PROGRAM, one.program)
        yield from same("run as", TITLE, COUNTS.sub("", one.title))
        yield from extra("sees another machine by its", one.elsewhere)
        yield from extra("has loaded", one.libraries)


def _read(want: Want, seen: Seen) -> Iterator[Difference]:
    """What it has read is what lies there; and whom that treats otherwise."""
    if seen.apart > SLACK:
        text = f"{seen.apart} s apart from that"
        yield Difference("read its files", "when systemd started or reloaded it", text)
    yield from extra("changed since it was read", seen.newer)
    yield from extra("Match", set(seen.matches) - {f"User {guest}" for guest in want.guests})


def _settings(want: Want, settings: Mapping[str, str], user: str) -> Iterator[Difference]:
    """One that is not known may do anything."""
    files = Rule((want.guests.get(user, want.keys),))
    for keyword, rule in (*KEYWORDS.items(), (FILES, files)):
        value = settings.get(keyword.lower())
        if not rule.allows(value):
            wanted = " or ".join(rule.values) or "not set"
            yield Difference(keyword, wanted, "not set" if value is None else value)
    for keyword in sorted(set(settings) - KNOWN):
        yield Difference(keyword, "not set", settings[keyword])
