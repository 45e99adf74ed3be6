"""From one packet filter to the other on a running node: never is there a moment without one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.live.site import apply, bad, build, run, running, settled
from verify.lab.site import Lab

pytestmark = pytest.mark.live
APPLY = "/root/new/apply 2>&1"
# at a terminal, where nothing goes on by itself after a failure
WATCHED = "script -qec /root/new/apply /dev/null"
NODE, ADDRESS, PORT = "node1", "10.84.0.11", 3306
SPEC = """\
stook: 1
site: switch
identity: 9c0e3c42-51f9-4df0-9a6f-6d8a2c4be199
platform: debian-12
networks: {{internal: 10.84.0.0/24}}
nodes:
  node1: {{address: 10.84.0.11}}
admins:
  ops:
    ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L ops]
    from: [198.51.100.0/24]
access: {{image_user: remove}}
time: {{servers: [ntp.example.internal]}}
firewall: {{backend: {backend}}}
fail2ban:
  jails:
    sshd: {{watch: sshd, maxretry: 5, findtime: 10m, bantime: 1h}}
"""
# ADDRESS PORT SECONDS: a connection every 20 ms until /tmp/enough is there, and how many got in.
KNOCK = """
import json, os, select, socket, sys, time
end, tries, inside, waiting = time.monotonic() + float(sys.argv[3]), 0, 0, {}
while time.monotonic() < end and not os.path.exists("/tmp/enough"):
    made = socket.socket()
    made.setblocking(False)
    tries += 1
    if made.connect_ex((sys.argv[1], int(sys.argv[2]))) == 0:
        inside += 1
    waiting[made] = time.monotonic()
    _, ready, _ = select.select([], list(waiting), [], 0.02)
    for one in ready:
        inside += one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        waiting.pop(one)
        one.close()
    for one in [one for one, since in waiting.items() if since < time.monotonic() - 2]:
        waiting.pop(one)
        one.close()
print(json.dumps({"tries": tries, "inside": inside}))
"""
LISTEN = "import socket, time; s = socket.create_server(('', 3306), backlog=512); time.sleep(3600)"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("switch")
    build(folder, SPEC.format(backend="firewalld"))
    with running(folder) as made:
        listen(made)
        yield made


def switch(lab: Lab, backend: str, command: str = APPLY) -> tuple[int | None, str]:
    """The exit code and the words of an `apply` to another filter, at which somebody knocks."""
    build(lab.folder, SPEC.format(backend=backend))
    program = KNOCK.replace('"', "'")
    words = f'setsid python3 -c "{program}" {ADDRESS} {PORT} 240 >/tmp/knocked 2>&1 </dev/null &'
    run(lab, "outside", f"rm -f /tmp/knocked /tmp/enough; {words}")
    done = apply(lab, NODE, command)
    run(lab, "outside", "sleep 2; touch /tmp/enough")
    knocked = "until [ -s /tmp/knocked ]; do sleep 0.1; done; cat /tmp/knocked"
    seen = json.loads(run(lab, "outside", knocked))
    assert seen["tries"] > 100 and seen["inside"] == 0, (seen, done.out)
    return done.code, done.out


def whole(lab: Lab) -> None:
    """Every check of what was built last is green, and nothing is left of the way there."""
    run(lab, NODE, "pkill -f create_serve[r]; sleep 1")
    assert not bad(settled(folder=lab.folder))
    listen(lab)
    assert "stook_handover" not in run(lab, NODE, "nft list tables")


def listen(lab: Lab) -> None:
    run(lab, NODE, f'setsid python3 -c "{LISTEN}" >/dev/null 2>&1 </dev/null &')


def test_nobody_gets_in_while_the_filter_changes(lab: Lab) -> None:
    run(lab, NODE, "fail2ban-client set sshd banip 198.51.100.66")
    code, said = switch(lab, "nftables")
    assert code == 0, said
    assert "198.51.100.66" in run(lab, NODE, "fail2ban-client get sshd banip")
    whole(lab)


@pytest.mark.parametrize(
    ("backend", "former"), [("firewalld", "nftables"), ("nftables", "firewalld")]
)
def test_a_switch_that_fails_and_one_that_is_killed(lab: Lab, backend: str, former: str) -> None:
    run(lab, NODE, "systemctl mask --runtime fail2ban.service")
    code, said = switch(lab, backend, WATCHED)
    run(lab, NODE, "systemctl unmask --runtime fail2ban.service")
    assert (code, f"stopping {backend}.service" in said) == (1, True), said
    assert run(lab, NODE, f"systemctl is-active {former}.service").strip() == "active"
    assert lab.exec(NODE, f"systemctl is-active {backend}.service").code != 0
    run(
        lab,
        NODE,
        "systemctl start fail2ban.service; fail2ban-client get sshd banip | grep 198.51.100.66",
    )
    waits = f"while systemctl is-active -q {former}; do sleep 0.02; done"
    kills = f"systemd-run -q sh -c '{waits}; pkill -KILL -f ^/bin/sh./root/new/apply'"
    code, said = switch(lab, backend, f"{kills}; {APPLY}")
    assert code != 0, said
    code, said = switch(lab, backend)
    assert code == 0, said
    assert "198.51.100.66" in run(lab, NODE, "fail2ban-client get sshd banip")
    whole(lab)
