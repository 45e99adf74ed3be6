"""A jail runs with the settings of the spec, and reads the file that the daemon writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from shlex import quote

from verify.contract import Command, Difference, Output
from verify.forms import Network, Word
from verify.readers import fail2ban
from verify.readers.answers import text
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """As in effect: seconds, regular expressions with `<ADDR>`, ports by name.

    `log` is empty where the journal is read, and then `journal` is what of it; `failregex` is
    empty where the filter is the package's: that one is held by `jails`, with its files. `writer`
    is the unit whose main process must have the log open; empty is any. `maxtime` is 0 where bans
    do not grow. `settings` are further ones of the action.
    """

    name: Word
    maxretry: int
    findtime: int
    bantime: int
    maxtime: int
    log: str
    writer: str
    failregex: tuple[str, ...]
    datepattern: str
    peers: tuple[Network, ...]
    ignore: tuple[Network, ...]
    action: str
    settings: dict[str, str]
    journal: str = ""


OPTIONS = (
    "maxretry",
    "findtime",
    "bantime",
    "bantime.increment",
    "bantime.maxtime",
    "usedns",
    "logpath",
    "journalmatch",
    "failregex",
    "ignoreregex",
    "datepattern",
    "ignoreip",
    "actions",
    "ignorecommand",
)
JOURNAL, NO_JOURNAL = "Current match filter:", "No journal match filter set"
NO_REGEX = "No regular expression is defined"


@dataclass(frozen=True, slots=True)
class Seen:
    """The server's answers by option, None without such a jail; whether the log is written."""

    options: dict[str, str] | None
    written: bool


def commands(want: Want) -> Mapping[str, Command]:
    """All options in one conversation, and the files that the writing process has open."""
    questions = {"options": fail2ban.ask(_queries(want))}
    if want.writer:
        pid = f"$(systemctl show -p MainPID --value -- {quote(want.writer)})"
        questions["open"] = Command(f"ls -l /proc/{pid}/fd")
    return questions


def _queries(want: Want) -> tuple[str, ...]:
    actions = (f"action {want.action} {name}" for name in want.settings)
    return tuple(f"get {want.name} {option}" for option in (*OPTIONS, *actions))


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """That there is no such jail is an answer; that there is no server is none."""
    queries = _queries(want)
    replies = fail2ban.answers(outputs["options"], queries)
    head = len(f"get {want.name} ")
    options = {query[head:]: answer for query, answer in replies.items()} if replies else None
    if not want.writer:
        return Seen(options, True)
    opened = text(outputs["open"], f"files of {want.writer}", codes=(0, 1, 2)).splitlines()
    return Seen(options, any(line.endswith(f"-> {want.log}") for line in opened))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Whether there is such a jail comes first."""
    if seen.options is None:
        return (Difference("jail", want.name, "no such jail"),)
    get = seen.options
    grows = "True" if want.maxtime else "False"
    return (
        *same("maxretry", str(want.maxretry), get["maxretry"]),
        *same("findtime", str(want.findtime), get["findtime"]),
        *same("bantime", str(want.bantime), get["bantime"]),
        *same("bantime.increment", grows, get["bantime.increment"].replace("None", "False")),
        *(
            same("bantime.maxtime", str(want.maxtime), get["bantime.maxtime"])
            if want.maxtime
            else ()
        ),
        *same("usedns", "no", get["usedns"]),
        *_source(want, get),
        *sets("ignoreip", map(_plain, (*want.peers, *want.ignore)), _ignored(get["ignoreip"])),
        *same("ignorecommand", "", get["ignorecommand"]),
        *same("actions", want.action, ", ".join(get["actions"].splitlines()[1:])),
        *(
            d
            for n, v in want.settings.items()
            for d in same(n, v, get[f"action {want.action} {n}"])
        ),
        *same("log", "written by its server", "written by its server" if seen.written else "not"),
    )


def _source(want: Want, get: Mapping[str, str]) -> tuple[Difference, ...]:
    """One file or a part of the journal, by one filter of ours or by the package's."""
    if want.log:
        return (
            *same("log file", (want.log,), fail2ban.listed(get["logpath"])),
            *_filter(want, get),
            *same("datepattern", want.datepattern, _date(want.datepattern, get["datepattern"])),
        )
    journal = get["journalmatch"].removeprefix(JOURNAL).strip()
    # a bundle of an earlier release does not say which part
    wanted = want.journal or (journal if journal != NO_JOURNAL else "some")
    return (*same("journal", wanted, journal), *_filter(want, get))


def _filter(want: Want, get: Mapping[str, str]) -> tuple[Difference, ...]:
    expressions = fail2ban.expressions(get["failregex"])
    if not want.failregex:
        return same("filter", "some", "some" if expressions else "none")
    return (
        *same("failregex", want.failregex, expressions),
        *same("ignoreregex", NO_REGEX, get["ignoreregex"]),
    )


def _date(wanted: str, answer: str) -> str:
    """The pattern in front of its translation: `Current date pattern set to: PATTERN (WORDS)`."""
    value = answer.partition(": ")[2]
    return wanted if value.startswith(f"{wanted} (") else value


def _ignored(answer: str) -> list[str]:
    return [_plain(row) for row in fail2ban.listed(answer)]


def _plain(address: str) -> str:
    """An address or a network in one spelling; a network of one address is the address."""
    try:
        return str(ip_network(address, strict=False)).removesuffix("/32").removesuffix("/128")
    except ValueError:
        return address
