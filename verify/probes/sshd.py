"""A node's sshds that take connections, and what they make of their files: a part of others."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Nobody has that name, nor (RFC 5737, RFC 3849) that address.
STRANGER = "stook-nobody"
NOWHERE = ("192.0.2.1", "2001:db8::1")
NO_LOGIN = re.compile(r"/(nologin|false|true|sync|halt|shutdown)$")
PORT = 22
PROGRAM = "/usr/sbin/sshd"
LISTEN = "0A"


class Daemon(NamedTuple):
    number: int
    program: str
    title: str


def ask(*words: str) -> tuple[str, str]:
    done = subprocess.run(words, capture_output=True, text=True, errors="replace")
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        sys.exit(f"{words[1]}: {said[0]}")
    return done.stdout, done.stderr


def waiting(net: str = "/proc/net") -> set[str]:
    """The sockets, as links to them read, that take connections at the port of ssh."""
    rows: list[str] = []
    for file in (Path(net, name) for name in ("tcp", "tcp6")):
        rows += file.read_text().splitlines()[1:] if file.exists() else ()
    fields = (row.split() for row in rows)
    return {
        f"socket:[{one[9]}]"
        for one in fields
        if one[3] == LISTEN and int(one[1].rpartition(":")[2], 16) == PORT
    }


def target(link: Path) -> str:
    """Nothing where it is gone."""
    try:
        return str(link.readlink())
    except OSError:
        return ""


def holders(sockets: set[str], proc: str = "/proc") -> dict[str, list[int]]:
    """Which processes have them open."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for entry in Path(proc).glob("[0-9]*"):
        try:
            links = {target(link) for link in (entry / "fd").iterdir()}
        except OSError:
            continue
        for one in links & sockets:
            numbers[one].append(int(entry.name))
    return numbers


def daemon(number: int, proc: str = "/proc") -> Daemon:
    """Raises OSError where it is gone."""
    entry = Path(proc, str(number))
    title = (entry / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
    return Daemon(number, str((entry / "exe").readlink()), title)


def titled(proc: str = "/proc") -> Iterator[int]:
    """Root's alone, of this network, and no container's: anybody may have such a title."""
    here = [target(Path("/proc/self/ns", name)) for name in ("pid", "net")]
    for entry in Path(proc).glob("[0-9]*"):
        try:
            one = daemon(int(entry.name), proc)
            spaces = [target(entry / "ns" / name) for name in ("pid", "net")]
            ours = entry.stat().st_uid == 0 and spaces == here
        except OSError:
            continue
        program = one.program.replace(" (deleted)", "")
        if ours and program.endswith("/sshd") and " [listener]" in one.title:
            yield one.number


def daemons() -> Iterator[Daemon]:
    """Whoever takes connections at the port of ssh, whatever he calls himself, and other sshds."""
    takers = (number for each in holders(waiting()).values() for number in each)
    for number in sorted({*takers, *titled()}):
        try:
            yield daemon(number)
        except OSError:
            continue


def settings(daemon: Daemon, user: str, address: str, *others: str) -> dict[str, str]:
    """What is in force for a connection. All of it is given, or a Match may be left out unsaid.

    It is asked of the program in its place and without options: others are a fault by themselves.
    """
    local, host, port = others or ("127.0.0.1", "nowhere.invalid", "22")
    who = f"user={user},host={host},addr={address},laddr={local},lport={port},rdomain=none"
    values: dict[str, str] = {}
    for line in ask(PROGRAM, "-T", "-C", who)[0].splitlines():
        name, _, value = line.partition(" ")
        values[name] = f"{values[name]} {value}" if name in values else value
    return values


def files(daemon: Daemon) -> tuple[list[str], list[str], list[str]]:
    """The files that it reads, the folders in which it looks for some, and their Match lines.

    All as sshd itself says: what it takes for a Match has many spellings, with quotes and without.
    """
    said = ask(PROGRAM, "-T", "-ddd")[1]
    folders = {str(Path(one).parent) for one in re.findall(r"new include (.+)", said)}
    read = list(dict.fromkeys(re.findall(r"load_server_config: filename (.+)", said)))
    if not read:
        sys.exit("sshd does not say which files it reads")
    # a long one is cut, and has no quote at its end; some releases say on which line it is
    lines = re.findall(r"(?m)^debug3: checking syntax for '(.*)$", said)
    matches = [re.sub(r"^Match |'( on line \d+)?$", "", one) for one in lines]
    return read, sorted(folders), matches
