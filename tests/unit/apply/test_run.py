"""A whole run of `apply`: what it does, what it says before, what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.unit.node import Node
from tests.unit.shell import SHELLS

# -- the whole run


def test_all_of_a_plan_is_done_and_stamped(full: Node) -> None:
    run = full.apply()
    assert run.returncode == 0, run.stderr
    stamp = json.loads(full.read("var/lib/stook/stamp"))
    assert {k: stamp[k] for k in ("stook", "site", "node", "spec")} == {
        "stook": 1,
        "site": "shop",
        "node": "node-gfs1",
        "spec": "abc",
    }
    assert not (full.root / "etc/old.conf").exists()
    assert (full.root / "etc/sudoers.d/ops").stat().st_mode & 0o7777 == 0o440
    assert full.read("etc/hostname") == "node-gfs1\n"
    assert "systemctl start chrony.service" in full.calls


@pytest.mark.parametrize("shell", SHELLS)
def test_any_shell_does_it(full: Node, shell: str) -> None:
    full.shell = SHELLS[shell]
    assert full.apply().returncode == 0
    assert full.apply("--check").returncode == 0


def test_the_second_run_changes_nothing(full: Node) -> None:
    full.apply()
    before = full.tree()
    run = full.apply()
    assert run.returncode == 0
    assert "nothing to do" in run.stdout
    assert full.tree() == before
    asked = {call.split()[1] for call in full.calls if call.startswith("systemctl")}
    assert asked == {"is-enabled", "is-active", "is-failed"}


def test_the_retry_unit_is_there_before_packages_are_fetched(full: Node) -> None:
    full.apply()
    names = [call.split()[0] for call in full.calls]
    enabled = full.calls.index("systemctl -q --no-reload enable stook-apply.service")
    assert enabled < names.index("apt-get")


def test_systemd_is_told_once_of_all_that_was_enabled(full: Node) -> None:
    full.apply()
    calls = full.calls
    enabled = [i for i, call in enumerate(calls) if " enable " in call]
    assert "systemctl daemon-reload" not in calls[enabled[1] : enabled[-1]]
    assert "systemctl daemon-reload" in calls[enabled[-1] :]
    full.apply()
    assert "systemctl daemon-reload" not in full.calls[len(calls) :]


def test_the_bundle_is_kept_where_the_retry_unit_runs_it(full: Node) -> None:
    full.apply()
    kept = full.root / "var/lib/stook/bundle"
    assert full.apply(script=kept / "apply").returncode == 0
    assert (kept / "SHA256SUMS").read_bytes() == (full.bundle / "SHA256SUMS").read_bytes()


def test_without_systemd_units_are_enabled_only_and_there_is_no_stamp(full: Node) -> None:
    (full.root / "run/systemd/system").rmdir()
    run = full.apply()
    assert run.returncode == 0
    assert "systemd is not running here" in run.stdout
    assert "systemctl -q --no-reload enable chrony.service" in full.calls
    assert not any(call.startswith("systemctl start") for call in full.calls)
    assert not (full.root / "var/lib/stook/stamp").exists()


# -- --check


def test_check_shows_the_diff_and_changes_nothing(full: Node) -> None:
    before = full.tree()
    run = full.apply("--check")
    assert run.returncode == 1
    assert "+server ntp.example.internal" in run.stdout
    assert "would install packages: chrony" in run.stdout
    assert full.tree() == before


def test_check_after_a_run_finds_nothing(node: Node) -> None:
    node.file("/etc/a", "a\n")
    node.apply()
    assert node.apply("--check").returncode == 0


def test_check_names_the_daemon_that_a_new_file_would_restart(full: Node) -> None:
    full.apply()
    full.write("etc/chrony/chrony.conf", "server elsewhere\n")
    run = full.apply("--check")
    assert "would restart chrony.service" in run.stdout


# -- refusals: exit 2, and nothing touched

REFUSALS: dict[str, tuple[Callable[[Node], object], str]] = {
    "another system": (
        lambda n: n.write("etc/os-release", "ID=debian\nVERSION_ID=13\n"),
        "this bundle is for debian 12, and this machine runs debian 13",
    ),
    "a file that was changed": (
        lambda n: (n.bundle / "rootfs/etc/a").write_text("tampered"),
        "rootfs/etc/a: FAILED",
    ),
    "a file that is missing": (lambda n: (n.bundle / "rootfs/etc/a").unlink(), "etc/a"),
    "no digests": (lambda n: (n.bundle / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
    "markers that do not pair up": (
        lambda n: n.write("etc/hosts", "# BEGIN stook shop\n127.0.0.1 localhost\n"),
        "do not pair up",
    ),
    "the bundle of another node": (
        lambda n: n.write("var/lib/stook/bundle/plan.tsv", "site\tshop\nnode\tnode-gfs2\n"),
        "this machine is shop/node-gfs2",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_it_refuses(node: Node, case: str) -> None:
    spoil, message = REFUSALS[case]
    node.file("/etc/a", "a\n")
    node.block("/etc/hosts", "10.77.0.11 node-gfs1\n", "node-gfs1")
    node.seal()
    spoil(node)
    before = node.tree()
    run = node.apply(seal=False)
    assert run.returncode == 2
    assert message in run.stderr
    assert node.tree() == before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("frobnicate\tx", "unknown verb `frobnicate`"),
        ("package", "`package` has 1 fields, not 0"),
        ("file\t/etc/../a\t0644\troot\troot\t-", "not an absolute path"),
        ("file\t/etc/unlisted\t0644\troot\troot\t-", "not in SHA256SUMS: rootfs/etc/unlisted"),
    ],
)
def test_a_plan_that_is_not_understood_is_not_begun(node: Node, line: str, message: str) -> None:
    node.plan.append(line)
    run = node.apply()
    assert (run.returncode, message in run.stderr) == (2, True)


def test_an_unknown_option_is_a_usage_error(node: Node) -> None:
    run = node.apply("--force")
    assert run.returncode == 2
    assert "unknown option --force" in run.stderr
