"""What is there by agreement may be there or not; all else that is there is beyond the spec."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.site import bad, build, run, running, settled, verify
from verify.lab.site import Lab

pytestmark = pytest.mark.live
NODE = "node1"
SPEC = """\
stook: 1
site: agreed
identity: 9c0e3c42-51f9-4df0-9a6f-6d8a2c4be186
platform: debian-12
networks: {internal: 10.86.0.0/24}
nodes:
  node1: {address: 10.86.0.11}
  node2: {address: 10.86.0.12}
admins:
  ops:
    ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L ops]
    from: [198.51.100.0/24]
access: {image_user: remove}
time: {servers: [ntp.example.internal]}
services:
  backup:
    nodes: node1
    required: false
    units: [backup-agent.service]
    files: [/etc/systemd/system/backup-agent.service]
    ports: [{port: 9102, from: [internal], addresses: ["0.0.0.0"], process: python3}, {port: 9103}]
    mounts: [/mnt/backup]
"""
LISTEN = "import socket, time; s = socket.create_server(('', {port})); time.sleep(3600)"
UNIT = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("agreed")
    build(folder, SPEC)
    with running(folder) as made:
        yield made


def bring(lab: Lab, node: str, port: int, place: str, unit: str) -> None:
    """What somebody brings to a node: a listener, a mount and a unit that is enabled."""
    program = LISTEN.format(port=port)
    run(lab, node, f'setsid python3 -c "{program}" >/dev/null 2>&1 </dev/null &')
    # of the root file system itself, which a mount table shows as a data-bearing one
    run(lab, node, f"mkdir -p {place} && mount --bind /root {place}")
    run(lab, node, f"printf '{UNIT}' >/etc/systemd/system/{unit}")
    run(lab, node, f"systemctl daemon-reload && systemctl enable --now {unit}")


def test_nothing_of_it_is_asked_for(lab: Lab) -> None:
    assert not bad(settled(folder=lab.folder))


def test_all_of_it_may_be_there(lab: Lab) -> None:
    bring(lab, NODE, 9102, "/mnt/backup", "backup-agent.service")
    assert not bad(settled(folder=lab.folder))


def test_elsewhere_it_is_beyond_the_spec(lab: Lab) -> None:
    bring(lab, "node2", 9102, "/mnt/backup", "backup-agent.service")
    beyond = {f"node2/{kind}/beyond" for kind in ("listeners", "mounts", "startup")}
    assert bad(verify(folder=lab.folder)).keys() == beyond


def test_what_is_like_it_is_beyond_the_spec(lab: Lab) -> None:
    bring(lab, NODE, 9104, "/mnt/backup2", "backup-agent2.service")
    beyond = {f"{NODE}/{kind}/beyond" for kind in ("listeners", "mounts", "startup")}
    seen = bad(verify("--only", f"{NODE}/*", folder=lab.folder))
    assert seen.keys() == beyond
    assert "9102" not in seen[f"{NODE}/listeners/beyond"]
