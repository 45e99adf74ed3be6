"""The filters under the real fail2ban-regex, where it is installed: `stook check` asks it.

Without it nothing is asked and nothing is said: a check must not differ in what it calls wrong
because a machine lacks a program, only in what it can find.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from itertools import chain
from tempfile import NamedTemporaryFile

from generator.claims import Claims
from generator.components.fail2ban.jails import Bans, Jail, by_name
from generator.components.fail2ban.samples import Sample
from generator.language.findings import Finding, Rule
from generator.planning.site import Site

OTHERWISE = Rule(
    "F110",
    "a filter that fail2ban reads otherwise",
    "The real fail2ban-regex found other attackers in a jail's samples than their labels say: "
    "a pattern of the spec misses its own example, or this is a bug of Stook's.",
    "try the pattern with fail2ban-regex on the lines that it names",
)
RULES = (OTHERWISE,)
LIMIT = 60
MOMENT, BEFORE = "2016-05-15T11:55:14+0000", "^(%Y-%m-%dT%H:%M:%S%z )"


def validate(site: Site, part: Bans, claims: Claims) -> Iterator[Finding]:
    """A finding for each jail whose samples do not come out as labelled."""
    program = shutil.which("fail2ban-regex")
    asked = by_name(part, claims) if program else {}
    for jail in (jail for jail in asked.values() if jail.filter):
        why = _differs(jail, program or "")
        if why:
            yield OTHERWISE.at(jail.path, f"`{jail.name}`: {why}", key=True)


def _differs(jail: Jail, program: str) -> str:
    """How the first wrong sample comes out; all of them are asked at once first."""
    labels = [_label(sample) for sample in jail.samples]
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".log") as log:
        log.writelines(f"{_line(jail, sample)}\n" for sample in jail.samples)
        log.flush()
        if _addresses([program, "-e", "UTF-8", *_words(jail, log.name)]) == [*chain(*labels)]:
            return ""
    for sample, wanted in zip(jail.samples, labels, strict=True):
        got = _addresses([program, *_words(jail, _line(jail, sample))])
        if got != wanted:
            return (
                f"fail2ban-regex finds {got or 'nobody'}, not {wanted or 'nobody'}: {sample.line}"
            )
    return ""


def _label(sample: Sample) -> list[str]:
    return [sample.address] if sample.address else []


def _line(jail: Jail, sample: Sample) -> str:
    """In a file it begins with the date that the journal has beside a message."""
    return f"{MOMENT} {sample.line}" if jail.unit else sample.line


def _words(jail: Jail, log: str) -> Sequence[str]:
    assert jail.filter
    date = jail.filter.datepattern or BEFORE
    options = ("--usedns", "no", "-o", "ip", "-d", date)
    return (*options, "--", log, jail.filter.failregex)


def _addresses(command: list[str]) -> list[str]:
    """What it prints; an error it prints too, and that is no address of a sample."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    return (done.stdout + (done.stderr if done.returncode else "")).split()
