"""A jail over the journal of a unit: who is in its messages is shut out, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.site import bad, build, run, running, settled, until, verify
from verify.lab.site import Lab
from verify.lab.topology import ATTACKER, INNOCENT

pytestmark = pytest.mark.live
NODE, ADDRESS, JAIL = "node1", "10.85.0.11", "greetings"
VICTIM = "203.0.113.77"
# sshd answers who greets it with nonsense by a message that has nothing of the greeting in it
SPEC = """\
stook: 1
site: journal
identity: 9c0e3c42-51f9-4df0-9a6f-6d8a2c4be185
platform: {platform}
networks: {{internal: 10.85.0.0/24}}
nodes:
  node1: {{address: 10.85.0.11}}
admins:
  ops:
    ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L ops]
    from: [203.0.113.60/31]
access: {{image_user: remove}}
time: {{servers: [ntp.example.internal]}}
fail2ban:
  jails:
    greetings:
      watch:
        journal: ssh.service
        format: 'banner exchange: Connection from $client port $bytes: invalid format'
      maxretry: 5
      findtime: 10m
      bantime: 1h
"""
GREET = """
import socket, sys
made = socket.create_connection((sys.argv[1], 22), 3, (sys.argv[2], 0))
made.sendall(b"GET / HTTP/1.0\\r\\n")
try:
    while made.recv(100):
        pass
except ConnectionResetError:
    pass
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("journal")
    build(folder, SPEC.format(platform="debian-12"))
    with running(folder) as made:
        yield made


def greet(lab: Lab, client: str) -> bool:
    """Whether sshd has heard a client, and has sent it away."""
    program = GREET.replace('"', "'")
    return lab.exec("outside", f'python3 -c "{program}" {ADDRESS} {client}', 20).code == 0


def banned(lab: Lab) -> list[str]:
    return run(lab, NODE, f"fail2ban-client get {JAIL} banip").split()


def test_every_claim_holds(lab: Lab) -> None:
    assert not bad(settled(folder=lab.folder))


def heard(lab: Lab, client: str) -> int:
    """The messages about a client that journald has the unit of."""
    asked = "journalctl --sync; journalctl --no-pager -o cat _SYSTEMD_UNIT=ssh.service"
    return run(lab, NODE, asked).count(f"banner exchange: Connection from {client} ")


def test_the_message_that_is_one_too_many_bans(lab: Lab) -> None:
    client, neighbour = ATTACKER[0], INNOCENT[0]
    # of a process that is gone before journald has looked it up no message is known by its unit
    for _ in range(20):
        if heard(lab, client) >= 4:
            break
        assert greet(lab, client)
    assert greet(lab, neighbour) and not banned(lab)
    while heard(lab, client) < 5:
        assert greet(lab, client)
    until(lambda: banned(lab) == [client], 20, "the attacker is banned")
    until(lambda: not greet(lab, client), 20, "the attacker is shut out")
    assert greet(lab, neighbour)
    assert not bad(settled(folder=lab.folder))
    run(lab, NODE, f"fail2ban-client set {JAIL} unbanip {client}")
    until(lambda: greet(lab, client), 20, "the attacker is let in")


def test_who_is_no_process_of_the_unit_has_nobody_banned(lab: Lab) -> None:
    said = f"banner exchange: Connection from {VICTIM} port 1: invalid format"
    count = f"fail2ban-client status {JAIL} | grep -E 'Total failed' | grep -o '[0-9]*$'"
    before = run(lab, NODE, count)
    run(lab, NODE, f"for i in 1 2 3 4 5 6; do logger -t sshd -i '{said}'; done; journalctl --sync")
    # what the unit says after them is read after them
    assert greet(lab, INNOCENT[0])
    until(lambda: run(lab, NODE, count) != before, 20, "the journal has been read so far")
    assert not banned(lab)


def test_a_jail_that_reads_another_part_is_red(lab: Lab) -> None:
    match = f"fail2ban-client set {JAIL}"
    field = "_SYSTEMD_UNIT"
    run(lab, NODE, f"{match} deljournalmatch {field}=ssh.service")
    run(lab, NODE, f"{match} addjournalmatch {field}=cron.service")
    seen = bad(verify(folder=lab.folder))
    assert seen.keys() == {f"{NODE}/jail/{JAIL}", f"{NODE}/jails/beyond"}, seen
    run(lab, NODE, "fail2ban-client reload")
    assert not bad(settled(folder=lab.folder))
