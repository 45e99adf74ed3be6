"""The script that keeps the file of refused addresses, run as it is, in a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from generator.components import fail2ban

SCRIPT = Path(fail2ban.__file__).parent / "files" / "fail2ban-deny"


class Server:
    """A web server that only counts how often it is told to read its files."""

    def __init__(self, folder: Path) -> None:
        self.file, self.notes = folder / "deny.conf", folder / "reloads"
        self.script = folder / "fail2ban-deny"
        text = SCRIPT.read_text().replace("/run/stook/deny", str(folder / "lists"))
        self.script.write_text(text)
        self.reload = folder / "reload"
        self.reload.write_text(f"#!/bin/sh\necho x >>{self.notes}\n")
        self.reload.chmod(0o755)

    def do(self, verb: str, jail: str = "a", *address: str) -> None:
        words = ["sh", str(self.script), verb, str(self.file), jail, str(self.reload), *address]
        subprocess.run(words, check=True, timeout=30)

    @property
    def denied(self) -> str:
        return self.file.read_text()

    @property
    def reloads(self) -> int:
        return len(self.notes.read_text().splitlines()) if self.notes.exists() else 0


def test_an_address_is_refused_until_no_jail_bans_it(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.do("start")
    server.do("ban", "a", "203.0.113.9")
    server.do("ban", "b", "203.0.113.9")
    assert server.denied == "203.0.113.9 1;\n"
    server.do("unban", "a", "203.0.113.9")
    assert server.denied == "203.0.113.9 1;\n"
    server.do("unban", "b", "203.0.113.9")
    assert server.denied == ""


def test_the_server_is_told_of_changes_only(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.do("start")
    told = server.reloads
    server.do("ban", "a", "203.0.113.9")
    server.do("ban", "a", "203.0.113.9")
    server.do("ban", "a", "2001:db8::9/64")
    assert server.denied == "2001:db8::9/64 1;\n203.0.113.9 1;\n"
    assert server.reloads == told + 2


def test_an_address_that_begins_like_another_stays(tmp_path: Path) -> None:
    server = Server(tmp_path)
    for address in ("203.0.113.9", "203.0.113.99", "2030.113.9"):
        server.do("ban", "a", address)
    server.do("unban", "a", "203.0.113.9")
    assert server.denied == "203.0.113.99 1;\n2030.113.9 1;\n"


def test_the_end_of_a_jail_takes_its_own_addresses_back(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.do("ban", "a", "203.0.113.9")
    server.do("ban", "b", "198.51.100.7")
    server.do("flush", "a")
    assert server.denied == "198.51.100.7 1;\n"
