"""Filters of messages in the journal, as the real fail2ban reads entries of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.claims import Claims, File, Package, Port, Unit
from generator.components.fail2ban import filters, samples, validation
from generator.components.fail2ban.claims import settle
from generator.components.fail2ban.jails import jails_by_node
from generator.formats.fail2ban import journalmatch
from generator.rendering.body import body
from tests.fail2ban import tool
from tests.fail2ban.test_config import XMLRPC, commands, part, site
from tests.fail2ban.test_review import program

__all__ = ["program"]
UNIT = r"shop\x2da@1.service"
LOGIN = 'Login of "$user" from $client failed: 100%'
ACCESS = '$client - $user [$time] "$request" $status'
# What python3-systemd gives of the entries that a match takes.
READER = """
import datetime, json
__version__ = "235"
class Reader:
    def __init__(self, files, **options):
        with open(files[0]) as opened:
            self.entries, self.match = json.load(opened), {}
    def add_match(self, match):
        name, _, value = match.partition("=")
        self.match[name] = value
    def add_disjunction(self):
        pass
    def get_next(self):
        while self.entries:
            entry = self.entries.pop(0)
            if self.match.items() <= entry.items():
                entry["__REALTIME_TIMESTAMP"] = datetime.datetime.fromtimestamp(1463313314)
                return entry
        return {}
"""


def entry(message: str, unit: str = UNIT, **more: Any) -> dict[str, Any]:
    said = {"_HOSTNAME": "node1", "SYSLOG_IDENTIFIER": "shop", "_PID": 4242}
    return said | {"_SYSTEMD_UNIT": unit, "MESSAGE": message} | more


def counted(found: filters.Filter, entries: list[dict[str, Any]], folder: Path) -> list[str]:
    """The addresses that the real fail2ban-regex reads from a journal, in order."""
    (folder / "systemd").mkdir()
    (folder / "systemd" / "__init__.py").touch()
    (folder / "systemd" / "journal.py").write_text(READER)
    (folder / "journal").write_text(json.dumps(entries))
    words = ("-m", journalmatch("_SYSTEMD_UNIT", UNIT), "--usedns", "no", "-o", "ip")
    where = f"systemd-journal[journalfiles={folder}/journal]"
    done = tool.run("fail2ban-regex", *words, where, found.failregex, modules=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("text", "request_"), [(LOGIN, ""), (ACCESS, "POST /in")], ids=["login", "access"]
)
def test_samples_are_what_their_labels_say(text: str, request_: str, tmp_path: Path) -> None:
    layout = filters.parse(text)
    statuses = ("401",) if request_ else ()
    lines = samples.messages(layout, (request_,) if request_ else (), statuses)
    made = filters.of_messages(layout, request_, statuses)
    entries = [entry(one.line.removeprefix(samples.HEAD)) for one in lines]
    wanted = [one.address for one in lines if one.address]
    assert counted(made, entries, tmp_path) == wanted
    assert len(wanted) >= 2 and any(not one.address for one in lines)


def test_only_the_unit_counts_and_a_user_names_nobody(tmp_path: Path) -> None:
    made = filters.of_messages(filters.parse(LOGIN), "")
    good = 'Login of "x" from 203.0.113.9 failed: 100%'
    entries = [
        entry(good),
        entry(good.replace("113.9", "113.10"), "other.service"),
        entry(good.replace("113.9", "113.10"), SYSLOG_IDENTIFIER="", _COMM=""),
        entry('Login of "x" from 203.0.113.10 failed: 100%" from 203.0.113.9 failed: 100%'),
        entry(f"x\nnode1 shop[1]: {good.replace('113.9', '113.10')}"),
        entry('Login of "from 203.0.113.10 failed: 100%" from 203.0.113.9 failed: 100%'),
    ]
    assert counted(made, entries, tmp_path) == ["203.0.113.9", "203.0.113.9"]


def claims() -> Claims:
    made = Claims()
    who: dict[str, Any] = {"spec": ("services", "shop"), "role": "services/shop"}
    for node in ("a", "b"):
        port: dict[str, Any] = who | {"node": node, "allowed_from": (), "process": ""}
        made.add([Unit(node=node, name=UNIT, **who)])
        made.add([Port(protocol="tcp", first=8443, last=8443, addresses=("*",), **port)])
        made.add([Port(protocol="udp", first=53, last=53, addresses=("*",), **port)])
        made.add([Port(protocol="tcp", first=9, last=9, addresses=("127.0.0.1",), **port)])
    return made


def test_fail2ban_reads_the_journal_of_the_unit_and_closes_its_ports(tmp_path: Path) -> None:
    made = site(shop=XMLRPC | {"watch": {"journal": UNIT, "format": LOGIN}})
    found = [c for c in settle(made, part(made), claims()) if c.node == "a"]
    written = {c.path: body(c.body).decode() for c in found if isinstance(c, File)}
    stream = commands(written, tmp_path)
    assert ["add", "shop", "systemd"] in stream
    assert ["set", "shop", "addjournalmatch", f"_SYSTEMD_UNIT={UNIT}"] in stream
    assert not [c for c in stream if c[1:3] in (["shop", "addlogpath"], ["shop", "datepattern"])]
    (action,) = (dict(c[4]) for c in stream if c[0] == "multi-set" and c[2] == "action")
    assert action["port"] == "8443"
    assert "python3-systemd" in {c.name for c in found if isinstance(c, Package)}


def test_ports_of_all_services_of_a_unit_are_closed() -> None:
    made, found = site(shop=XMLRPC | {"watch": {"journal": UNIT, "format": LOGIN}}), claims()
    who: dict[str, Any] = {"node": "a", "spec": ("services", "b"), "role": "services/b"}
    open_: dict[str, Any] = {"allowed_from": (), "process": "", "addresses": ("*",)}
    found.add([Port(protocol="tcp", first=9443, last=9443, **who, **open_)])
    assert [one.ports for one in jails_by_node(part(made), found)["a"]] == [(8443,)]
    found.add([Unit(name=UNIT, **who)])
    assert [one.ports for one in jails_by_node(part(made), found)["a"]] == [(8443, 9443)]
    assert [one.ports for one in jails_by_node(part(made), found)["b"]] == [(8443,)]


def test_check_asks_the_real_program_of_messages_too(
    program: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = {"journal": UNIT, "format": ACCESS, "request": "POST /in", "statuses": ["401"]}
    made = site(x=XMLRPC | {"watch": watch})
    assert not list(validation.validate(made, part(made), claims()))
    (one,) = jails_by_node(part(made), claims())["a"]
    assert one.filter
    loose = replace(one.filter, failregex=one.filter.failregex.replace("(?:401)", r"\d+"))
    wrong = replace(one, filter=loose)
    monkeypatch.setattr(validation, "by_name", lambda *_: {"x": wrong})
    assert [f.rule for f in validation.validate(made, part(made), claims())] == ["F110"]
