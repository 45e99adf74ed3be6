"""A node's sshds that take connections, and what they make of their files: a part of others."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Nobody has that name, nor (RFC 5737, RFC 3849) that address.
STRANGER = "stook-nobody"
NOWHERE = ("192.0.2.1", "2001:db8::1")
NO_LOGIN = re.compile(r"/(nologin|false|true|sync|halt|shutdown)$")


class Daemon(NamedTuple):
    number: int
    program: str
    options: tuple[str, ...]


def ask(*words: str) -> tuple[str, str]:
    done = subprocess.run(words, capture_output=True, text=True, errors="replace")
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        sys.exit(f"{words[1]}: {said[0]}")
    return done.stdout, done.stderr


def daemons(proc: str = "/proc") -> Iterator[Daemon]:
    """Root's alone, and no container's: anybody may give himself such a title."""
    here = Path("/proc/self/ns/pid").readlink()
    for entry in sorted(Path(proc).glob("[0-9]*")):
        try:
            title = (entry / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
            program = str((entry / "exe").readlink()).replace(" (deleted)", "")
            ours = entry.stat().st_uid == 0 and (entry / "ns/pid").readlink() == here
        except OSError:
            continue
        if ours and program.endswith("/sshd") and " [listener]" in title:
            # what runs, also where an upgrade has put another one in its place
            program = f"{entry}/exe"
            yield Daemon(int(entry.name), program, options(title.split(" [listener]")[0]))


def options(title: str) -> tuple[str, ...]:
    """Those that -T heeds. A title has lost its quotes, so a value goes on until the next dash."""
    pairs = re.findall(r" -([fhopc]) ?(.*?)(?= -\w|$)", title)
    return tuple(word for name, value in pairs for word in (f"-{name}", value))


def settings(daemon: Daemon, user: str, address: str, *others: str) -> dict[str, str]:
    """What is in force for a connection. All of it is given, or a Match may be left out unsaid."""
    local, host, port = others or ("127.0.0.1", "nowhere.invalid", "22")
    who = f"user={user},host={host},addr={address},laddr={local},lport={port}"
    values: dict[str, str] = {}
    for line in ask(daemon.program, "-T", *daemon.options, "-C", who)[0].splitlines():
        name, _, value = line.partition(" ")
        values[name] = f"{values[name]} {value}" if name in values else value
    return values


def files(daemon: Daemon) -> tuple[list[str], list[str], list[str]]:
    """The files that it reads, the folders in which it looks for some, and their Match lines."""
    said = ask(daemon.program, "-T", "-ddd", *daemon.options)[1]
    folders = {str(Path(one).parent) for one in re.findall(r"new include (.+)", said)}
    read = list(dict.fromkeys(re.findall(r"load_server_config: filename (.+)", said)))
    if not read:
        sys.exit("sshd does not say which files it reads")
    matches: list[str] = []
    for path in read:
        matches += re.findall(r"(?im)^\s*match[\s=]+(.+)", Path(path).read_text(errors="replace"))
    return read, sorted(folders), matches
