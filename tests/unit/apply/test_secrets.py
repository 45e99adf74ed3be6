"""Secrets on a node: each a whole file, brought or fetched, and what waits for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.node import GROUP, ME, Node

PATH = "/etc/stook/secrets/db-password"
SECRET = "correct horse"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = Node(tmp_path)
    made.plan.append(f"secret\t{PATH}\tdb-password\t0640\t{ME}\t{GROUP}")
    made.plan += [f"unit\t{name}.service\tstart\t-\t-" for name in ("php", "nginx")]
    made.plan.append("unit-secret\tphp.service\tdb-password")
    return made


def bring(node: Node) -> None:
    node.write("var/lib/stook/secrets/db-password", SECRET)


def test_without_it_the_rest_is_done_and_what_needs_it_is_left_off(node: Node) -> None:
    run = node.apply()
    assert run.returncode == 75
    assert "the secret db-password: put it into /var/lib/stook/secrets/db-password" in run.stdout
    assert "php.service is left off until its secrets are there" in run.stdout
    assert "systemctl start nginx.service" in node.calls
    told = [call for call in node.calls if "php.service" in call]
    assert told == ["systemctl is-enabled php.service"]


def test_it_is_installed_for_those_who_may_read_it_and_never_shown(node: Node) -> None:
    node.apply()
    bring(node)
    checked = node.apply("--check")
    assert checked.returncode == 1
    assert f"would write the secret db-password to {PATH}" in checked.stdout
    run = node.apply()
    assert run.returncode == 0
    assert node.read(PATH) == SECRET
    assert (node.root / PATH.lstrip("/")).stat().st_mode & 0o7777 == 0o640
    assert "systemctl start php.service" in node.calls
    for said in (checked, run):
        assert SECRET not in said.stdout + said.stderr
    assert node.apply("--check").returncode == 0


def test_a_new_value_replaces_the_old_one(node: Node) -> None:
    bring(node)
    node.apply()
    node.write("var/lib/stook/secrets/db-password", "another")
    assert node.apply().returncode == 0
    assert node.read(PATH) == "another"


def test_a_secret_taken_out_of_the_folder_afterwards_is_not_missed(node: Node) -> None:
    bring(node)
    node.apply()
    (node.root / "var/lib/stook/secrets/db-password").unlink()
    assert node.apply().returncode == 0
    assert node.read(PATH) == SECRET


def test_an_empty_file_is_no_secret(node: Node) -> None:
    node.write("var/lib/stook/secrets/db-password", "")
    assert node.apply().returncode == 75


def fetcher(node: Node, body: str) -> None:
    script = node.path / "fetch it"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    node.plan += [f"secret-word\t{script}", "secret-word\t--of the=vault"]


def test_a_command_fetches_what_nobody_has_brought(node: Node) -> None:
    fetcher(node, 'printf "%s|%s" "$1" "$2"')
    assert node.apply().returncode == 0
    assert node.read(PATH) == "--of the=vault|db-password"
    assert (node.root / "var/lib/stook/secrets").stat().st_mode & 0o7777 == 0o700


def test_what_was_brought_is_not_fetched(node: Node) -> None:
    fetcher(node, "echo other")
    bring(node)
    node.apply()
    assert node.read(PATH) == SECRET


@pytest.mark.parametrize("body", ["echo half; exit 1", "true"])
def test_a_command_that_fails_or_says_nothing_brings_nothing(node: Node, body: str) -> None:
    fetcher(node, body)
    run = node.apply()
    assert run.returncode == 75
    assert not (node.root / PATH.lstrip("/")).exists()


def test_check_fetches_nothing(node: Node) -> None:
    fetcher(node, "echo fetched")
    node.apply("--check")
    assert not (node.root / "var/lib/stook/secrets/db-password").exists()
