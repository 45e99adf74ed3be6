"""fail2ban has the jails of the spec and no others, and they are what their files say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Word
from verify.plain import ContractError, typed
from verify.readers import fail2ban, packages, scripts
from verify.readers.answers import first_line, text
from verify.readers.compare import extra, sets


@dataclass(frozen=True, slots=True)
class Want:
    """The names of all jails; the folder of all files, the package that brings some, and ours.

    A bundle of an earlier release does not say which files are ours: then none are compared.
    """

    names: tuple[Word, ...]
    home: AbsolutePath = "/etc/fail2ban"
    package: Word = "fail2ban"
    files: tuple[AbsolutePath, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The jails that run, what they run with beyond their files, and what of these is not known.

    `files` are of neither the package nor the bundle, `changed` no longer as the package has them.
    """

    names: tuple[str, ...]
    drift: tuple[str, ...]
    files: tuple[str, ...]
    changed: tuple[str, ...]


RUNNING = "fail2ban-client -d"
SOCKET = "/run/fail2ban/fail2ban.sock"


def commands(want: Want) -> Mapping[str, Command]:
    """The server's own list; its settings beside those that its files give; and these files."""
    # what nobody reads may lie there: a package manager leaves copies under other names
    read = r"\( -name '*.conf' -o -name '*.local' -o -name '*.py' \)"
    there = f"find {quote(want.home)} ! -type d {read}"
    files = f"echo there && {there} && echo package && "
    return {
        "status": scripts.ask(*fail2ban.STATUS.split()),
        "running": probes.ask("fail2ban_drift", SOCKET, "fail2ban-client", timeout=30),
        "files": Command(files + packages.files(want.package), timeout=30),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` when the server does not answer, or without the package's own list."""
    names = fail2ban.jails(outputs["status"])
    printed = text(outputs["running"], RUNNING)
    try:
        data = json.loads(printed)
        drift = typed(tuple[str, ...], data["drift"], RUNNING)
        planned = typed(tuple[str, ...], data["jails"], RUNNING)
    except (ValueError, TypeError, KeyError, ContractError):
        raise Unreadable(f"{RUNNING}: cannot read {printed[:80]!r}") from None
    beside = tuple(f"{name} (in no file)" for name in names if name not in planned)
    return Seen(names, (*drift, *beside), *_files(want, outputs["files"]))


def _files(want: Want, output: Output) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those beyond bundle and package, and those of the package that are not as it brought them."""
    parts: dict[str, list[str]] = {}
    name = ""
    for line in text(output, f"files of {want.package}").splitlines():
        if line in ("there", "package", "changed", "end"):
            name = line
        else:
            parts.setdefault(name, []).append(line)
    if name != "end" or not parts.get("there") or not parts.get("package"):
        raise Unreadable(f"files of {want.package}: {first_line(output)}")
    known = {*want.files, *parts["package"]}
    beyond = (path for path in parts["there"] if path not in known)
    inside = f"{want.home}/"
    lines = (line.partition(inside) for line in parts.get("changed", ()))
    return tuple(beyond), tuple(inside + rest for _, there, rest in lines if there)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A jail that is missing protects nothing, and one beyond bans by rules that nobody wrote.

    A file more may change any of them, as one edited does: all are read together.
    """
    return (
        *sets("jail", want.names, seen.names),
        *extra("set beyond the files", seen.drift),
        *extra("file", seen.files if want.files else ()),
        *extra("changed file of the package", seen.changed),
    )
