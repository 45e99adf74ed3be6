"""sshd's own file begins by taking in ours: it does already, or a block at its head makes it."""

from __future__ import annotations

import pytest

from tests.unit.node import Node
from tests.unit.shell import SHELLS

OURS, CONFIG = "/etc/ssh/sshd_config.d/00-stook.conf", "/etc/ssh/sshd_config"
TEXT = "AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u\nPermitRootLogin no\n"
HEAD = f"# BEGIN stook shop\nInclude {OURS}\n# END stook shop\n"
READ = [
    "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\n",
    "# a comment\n\n  include sshd_config.d/*.conf\n",
    'Include "/etc/other/*.conf" "/etc/ssh/sshd_config.d/*.conf"\n',
    "Include=/etc/ssh/sshd_config.d/*\n",
]
NOT_READ = [
    "",
    "# Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n",
    "PermitRootLogin yes\nInclude /etc/ssh/sshd_config.d/*.conf\n",
    "Match User eve\n    Include /etc/ssh/sshd_config.d/*.conf\n",
    "Include /etc/ssh/other.d/*.conf\n",
    "Include /etc/ssh/sshd_config.d/99-*.conf\n",
]


@pytest.fixture(params=SHELLS)
def machine(node: Node, request: pytest.FixtureRequest) -> Node:
    """One with sshd, and a bundle with its drop-in."""
    node.shell = SHELLS[request.param]
    node.file(OURS, TEXT, form="sshd")
    node.plan.append(f"unit\tssh.service\tstart\treload\t{OURS},{CONFIG}")
    (node.notes / "active/ssh.service").touch()
    return node


@pytest.mark.parametrize("text", READ)
def test_a_file_that_begins_with_ours_is_left_as_it_is(machine: Node, text: str) -> None:
    machine.write(CONFIG, text)
    assert machine.apply().returncode == 0
    assert machine.read(CONFIG) == text


@pytest.mark.parametrize("text", NOT_READ)
def test_any_other_gets_a_block_at_its_head_once(machine: Node, text: str) -> None:
    file = machine.write(CONFIG, text)
    file.chmod(0o600)
    checked = machine.apply("--check")
    assert f"would replace {CONFIG}" in checked.stdout
    assert machine.read(CONFIG) == text
    assert machine.apply().returncode == 0
    assert machine.read(CONFIG) == HEAD + text
    assert file.stat().st_mode & 0o777 == 0o600
    assert "nothing to do" in machine.apply().stdout


def test_who_is_told_is_told_when_only_the_head_is_new(machine: Node) -> None:
    machine.write(CONFIG, READ[0])
    machine.apply()
    machine.write(CONFIG, NOT_READ[2])
    machine.apply()
    assert "systemctl reload ssh.service" in machine.calls
    machine.write(CONFIG, HEAD + READ[0])
    assert machine.apply().returncode == 0
    assert machine.read(CONFIG) == READ[0]


def test_what_sshd_refuses_is_taken_back(machine: Node) -> None:
    machine.write(CONFIG, NOT_READ[2])
    (machine.notes / "sshd-says").write_text("authorizedkeysfile .ssh/authorized_keys\n")
    run = machine.apply()
    assert run.returncode == 1
    assert machine.read(CONFIG) == NOT_READ[2]
    assert "systemctl reload ssh.service" not in machine.calls


def test_the_block_leaves_with_the_file(machine: Node) -> None:
    machine.write(CONFIG, NOT_READ[2])
    machine.apply()
    machine.plan = []
    (machine.bundle / f"rootfs{OURS}").unlink()
    assert machine.apply().returncode == 0
    assert machine.read(CONFIG) == NOT_READ[2]


def test_a_block_that_is_half_there_is_refused(machine: Node) -> None:
    machine.write(CONFIG, "# BEGIN stook shop\nUsePAM yes\n")
    run = machine.apply()
    assert run.returncode == 2 and "do not pair up" in run.stderr


def test_a_machine_without_that_file_gets_none(machine: Node) -> None:
    assert machine.apply().returncode == 0
    assert not (machine.root / CONFIG.lstrip("/")).exists()
