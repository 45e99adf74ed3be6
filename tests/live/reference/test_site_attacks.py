"""Attackers on the reference site: over both families, and what a ban outlives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.live.site import SITE, bad, run, settled, until
from verify.contract import Command, Output
from verify.kinds import attack, read_want
from verify.kinds import load as load_kind
from verify.lab.site import Lab
from verify.lab.topology import OUTSIDE
from verify.serialization import load_manifest

pytestmark = pytest.mark.live
ONE = "node-gfs1"
JAIL = "nginx-wp-xmlrpc"
VISIT = """
import http.client, sys
made = http.client.HTTPConnection(sys.argv[1], 80, timeout=4, source_address=(sys.argv[2], 0))
made.request("GET", "/")
print(made.getresponse().status)
"""


def wanted() -> attack.Want:
    manifest = load_manifest(SITE / ONE / "manifest.json")
    (found,) = (e for e in manifest.expectations if e.id == f"{ONE}/attack/{JAIL}")
    want = read_want(load_kind("attack"), found.want)
    assert isinstance(want, attack.Want)
    return want


def leg(lab: Lab, family: int) -> str:
    """The node's own address on the network outside."""
    return lab.topology.box(ONE).addresses[OUTSIDE][family]


def play(lab: Lab, want: attack.Want) -> Any:
    """All steps of an attack, one after the other, and how it is judged."""
    asked: Mapping[str, Command] = attack.commands(want)
    outputs: dict[str, Output] = {}
    for key, command in sorted(asked.items(), key=lambda item: item[1].step):
        place = lab.outside if command.scope == "outside" else None
        limit = command.timeout + 10
        text = command.text
        outputs[key] = place(text, limit) if place else lab.exec(ONE, text, limit)
    return attack.judge(want, attack.parse(want, outputs))


def visited(lab: Lab, source: str = attack.ATTACKER[0]) -> str:
    """How a visit of the front page ends: its status, `dropped`, or what the node said instead.

    A node that still boots refuses, as nothing listens yet; then it answers 503.
    """
    done = lab.outside(["python3", "-c", VISIT, leg(lab, ":" in source), source], 15)
    if done.code == 0:
        return done.out.strip()
    return "dropped" if "timed out" in done.err else done.err.splitlines()[-1]


def test_an_attacker_over_ipv6_is_shut_out_like_one_over_ipv4(lab: Lab) -> None:
    import dataclasses

    for family in (0, 1):
        assert not play(lab, dataclasses.replace(wanted(), address=leg(lab, family)))


def test_a_renamed_log_is_followed(lab: Lab) -> None:
    run(lab, ONE, "logrotate -f /etc/logrotate.d/nginx && test -s /var/log/nginx/access.log.1")
    assert not play(lab, wanted())


def test_a_ban_outlives_reloads_restarts_and_a_reboot(lab: Lab) -> None:
    assert visited(lab) == "200"
    run(lab, ONE, f"fail2ban-client set {JAIL} banip {' '.join(attack.ATTACKER)}")
    for doing in (
        "true",
        "firewall-cmd --reload",
        "systemctl reload fail2ban",
        "systemctl restart fail2ban",
        "systemctl restart firewalld",
    ):
        run(lab, ONE, f"{doing} && until fail2ban-client ping; do sleep 0.5; done")
        for source in attack.ATTACKER:
            until(lambda source=source: visited(lab, source) == "dropped", 20, doing)  # type: ignore[misc]
        assert visited(lab, attack.INNOCENT[0]) == "200"
    lab.reboot(ONE)
    until(lambda: lab.exec(ONE, "fail2ban-client ping").code == 0, 60, "fail2ban runs again")
    until(lambda: visited(lab) == "dropped", 60, "shut out after the reboot")
    run(lab, ONE, f"fail2ban-client set {JAIL} unbanip {' '.join(attack.ATTACKER)}")
    until(lambda: visited(lab) == "200", 120, "served after the ban was lifted")
    assert not bad(settled("--active"))
