"""What is never taken away, what is seen to first and last, and what is done when it cannot be."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.unit.node import Node
from tests.unit.shell import SHELLS

STATE = "var/lib/stook"
EVE = "user\teve\t/bin/bash\t-"
KEYS = "/home/eve/.ssh/authorized_keys"


def anew(node: Node, *plan: str) -> None:
    """The next bundle, with nothing in it but these lines."""
    shutil.rmtree(node.bundle / "rootfs", ignore_errors=True)
    shutil.rmtree(node.bundle / "blocks", ignore_errors=True)
    node.plan = list(plan)


def done(node: Node, *options: str) -> str:
    run = node.apply(*options)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_any_shell_takes_away(node: Node, shell: str) -> None:
    node.shell = SHELLS[shell]
    node.file("/etc/stook/a b", "a\n")
    node.plan += [EVE, "unit\tx.service\tstart\t-\t-", "mountpoint\t/srv/a"]
    done(node)
    anew(node)
    checked = node.apply("--check")
    assert (checked.returncode, "changes to make: 6" in checked.stdout) == (1, True), checked.stdout
    said = done(node)
    for words in ("remove /etc/stook/a b", "stop x.service", "close the account eve"):
        assert words in said
    assert not (node.root / "etc/stook").exists()
    assert not (node.root / "srv/a").exists()
    assert "nothing to do" in done(node)


def test_a_check_of_what_leaves_changes_nothing(node: Node) -> None:
    node.file("/etc/a", "a\n")
    node.plan += [EVE, "unit\tx.service\tstart\t-\t-"]
    done(node)
    anew(node)
    before = node.tree()
    run = node.apply("--check")
    assert run.returncode == 1
    assert "would close the account eve" in run.stdout
    assert node.tree() == before
    assert not [call for call in node.calls if call.startswith(("usermod", "systemctl stop"))]


@pytest.mark.parametrize("spoilt", ["digest", "verb"])
def test_a_plan_that_cannot_be_read_takes_nothing_away(node: Node, spoilt: str) -> None:
    node.file("/etc/a", "a\n")
    done(node)
    applied = node.root / STATE / "applied.tsv"
    if spoilt == "digest":
        applied.write_text(applied.read_text().replace("/etc/a", "/etc/b"))
    else:
        applied.unlink()
        kept = node.root / STATE / "bundle"
        (kept / "plan.tsv").write_text((kept / "plan.tsv").read_text() + "frob\t/etc/a\n")
        other = Node.__new__(Node)
        other.path = kept.parent
        other.sums()
    anew(node)
    for _ in range(2):
        run = node.apply()
        assert run.returncode == 75
        assert "what was applied before cannot be read, so nothing is taken away" in run.stdout
        assert node.read("etc/a") == "a\n"
    applied.unlink()
    assert node.apply().returncode == 0


def test_accounts_come_back_with_their_uid(node: Node) -> None:
    node.plan.append(EVE)
    done(node)
    before = (node.notes / "passwd").read_text(), (node.notes / "shadow").read_text()
    anew(node)
    done(node)
    assert "nologin" in (node.notes / "passwd").read_text()
    anew(node, EVE)
    assert "open the account eve again" in done(node)
    assert ((node.notes / "passwd").read_text(), (node.notes / "shadow").read_text()) == before


def test_what_holds_data_goes_on_with_the_files_that_it_reads(node: Node) -> None:
    node.file("/etc/ceph/ceph.conf", "[global]\n")
    node.plan.append("unit\tceph-osd@0.service\tno-block\trestart\t/etc/ceph/ceph.conf")
    done(node)
    anew(node)
    for _ in range(2):
        said = done(node)
        assert "ceph-osd@0.service has left the bundle and goes on running" in said
        assert node.read("/etc/ceph/ceph.conf") == "[global]\n"
        assert "systemctl stop ceph-osd@0.service" not in node.calls
    # a person has taken it out of its cluster
    (node.notes / "enabled/ceph-osd@0.service").unlink()
    (node.notes / "active/ceph-osd@0.service").unlink()
    assert "remove /etc/ceph/ceph.conf" in done(node)
    assert "nothing to do" in done(node)


@pytest.mark.parametrize("unit", ["ssh.service", "stook-apply.service", "logrotate.timer"])
def test_units_that_the_machine_itself_needs_go_on(node: Node, unit: str) -> None:
    node.plan.append(f"unit\t{unit}\tstart\t-\t-")
    done(node)
    anew(node)
    done(node)
    assert f"systemctl stop {unit}" not in node.calls
    assert (node.notes / "enabled" / unit).exists()


def test_a_mount_that_is_in_use_stays_and_is_named(node: Node) -> None:
    node.plan += ["mountpoint\t/srv/a", "claim-mount\t/srv/a", "mount\t/srv/a"]
    done(node)
    anew(node)
    (node.notes / "busy").touch()
    for _ in range(2):
        assert "/srv/a has left the bundle and is in use" in done(node)
    (node.notes / "busy").unlink()
    assert "remove the empty /srv/a" in done(node)
    assert "nothing to do" in done(node)


def test_doors_are_shut_although_packages_cannot_be_had(node: Node) -> None:
    node.file("/etc/sudoers.d/stook-eve", "eve ALL=(ALL) ALL\n", form="sudoers")
    node.file("/etc/a", "a\n")
    done(node)
    anew(node, "package\tmore")
    (node.notes / "offline").touch()
    assert node.apply().returncode == 75
    assert not (node.root / "etc/sudoers.d/stook-eve").exists()
    assert (node.root / "etc/a").exists()
    (node.notes / "offline").unlink()
    done(node)
    assert not (node.root / "etc/a").exists()


def test_who_stays_gets_in_by_the_new_way_before_the_old_one_is_shut(node: Node) -> None:
    node.plan.append(EVE)
    node.file(KEYS, "ssh-ed25519 AAAA eve\n", "0600")
    done(node)
    anew(node, EVE, "package\tmore", "unit\tx.service\tstart\t-\t-")
    node.file("/etc/ssh/authorized_keys.d/eve", "ssh-ed25519 AAAA eve\n")
    (node.notes / "offline").touch()
    assert node.apply().returncode == 75
    assert (node.root / KEYS.lstrip("/")).exists()
    (node.notes / "offline").unlink()
    said = done(node)
    assert said.index("start x.service") < said.index(f"remove {KEYS}")
    assert not (node.root / KEYS.lstrip("/")).exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can own another's home")
def test_a_link_in_a_home_is_not_followed(node: Node) -> None:
    node.file(KEYS, "ssh-ed25519 AAAA eve\n", "0600")
    done(node)
    home = node.root / "home/eve"
    os.chown(home, 1001, 1001)
    elsewhere = node.write("/root/.ssh/authorized_keys", "ssh-ed25519 AAAA root\n")
    shutil.rmtree(home / ".ssh")
    (home / ".ssh").symlink_to(elsewhere.parent)
    anew(node)
    for _ in range(2):
        run = node.apply()
        assert run.returncode == 75
        assert "is behind a link that root has not put there" in run.stdout
        assert elsewhere.read_text() == "ssh-ed25519 AAAA root\n"
    (home / ".ssh").unlink()
    done(node)
    assert "nothing to do" in done(node)


def test_a_pipe_in_a_home_holds_nobody_up(node: Node) -> None:
    node.file(KEYS, "ssh-ed25519 AAAA eve\n", "0600")
    done(node)
    keys = node.root / KEYS.lstrip("/")
    keys.unlink()
    os.mkfifo(keys)
    anew(node)
    assert f"it is kept as /{STATE}/kept{KEYS}" in done(node)
    assert not keys.exists()


def test_the_firewall_that_leaves_goes_last(node: Node) -> None:
    node.file("/etc/firewalld/firewalld.conf", "a\n")
    node.plan.append("unit\tfirewalld.service\tstart\treload\t/etc/firewalld/firewalld.conf")
    node.plan.append("unit\told.service\tstart\t-\t-")
    done(node)
    anew(node)
    node.file("/etc/other.conf", "table\n")
    node.plan.append("unit\tother-firewall.service\tstart\treload\t/etc/other.conf")
    done(node)
    order = [call for call in node.calls if call.split()[1:2] in (["start"], ["stop"])]
    assert order == [
        "systemctl stop old.service",
        "systemctl start other-firewall.service",
        "systemctl stop firewalld.service",
    ]
    assert not (node.root / "etc/firewalld").exists()


def test_a_failure_at_the_very_end_opens_accounts_again(node: Node) -> None:
    node.file("/etc/firewalld/firewalld.conf", "a\n")
    node.plan += ["user\teve\t/bin/bash\tadm", "unit\tx.service\tstart\t-\t-"]
    node.plan.append("unit\tfirewalld.service\tstart\treload\t/etc/firewalld/firewalld.conf")
    done(node)
    before = (node.notes / "passwd").read_text(), (node.notes / "shadow").read_text()
    anew(node)
    (node.notes / "broken/firewalld.service").touch()
    assert node.apply().returncode == 1
    assert ((node.notes / "passwd").read_text(), (node.notes / "shadow").read_text()) == before
    assert "systemctl start --no-block x.service" in node.calls
    assert (node.notes / "groups-of-eve").read_text() == "adm\n"
    (node.notes / "broken/firewalld.service").unlink()
    assert "close the account eve" in done(node)


def test_a_file_that_a_killed_run_had_not_come_to_is_nobody_s_but_its_owner_s(node: Node) -> None:
    done(node)
    node.write("/etc/motd", "of the image\n")
    node.plan.append("package\tmore")
    node.file("/etc/motd", "ours\n")
    assert node.apply(kill_at="apt-get").returncode == -9
    anew(node)
    done(node)
    assert node.read("/etc/motd") == "of the image\n"


# -- other machines and other identities

CLUSTER = "lasting\tthe Ceph cluster\t{}\tfsid"
DISK = "disk\t/dev/xvdf\txfs\t{}\t/srv/a"
ONE, TWO = "2f6f9f1e-5b0f-5c54-9b0d-4c3a5b6d7e8f", "3a6f9f1e-5b0f-5c54-9b0d-4c3a5b6d7e8f"


@pytest.mark.parametrize(
    ("first", "then", "way_out"),
    [
        (f"identity\t{ONE}", f"identity\t{TWO}", f"write `identity: {ONE}` back into it"),
        (DISK.format(ONE), DISK.format(TWO), f"give the disk `uuid: {ONE}` in the spec"),
        (CLUSTER.format(ONE), CLUSTER.format(TWO), f"write `fsid: {ONE}` into the spec"),
    ],
)
def test_what_would_be_lost_from_sight_is_refused(
    node: Node, first: str, then: str, way_out: str
) -> None:
    node.plan.append(first)
    assert node.apply().returncode in (0, 75)
    anew(node, then)
    run = node.apply()
    assert run.returncode == 2
    assert way_out in run.stderr


def test_a_disk_that_was_left_in_peace_may_have_a_successor(node: Node) -> None:
    node.plan.append(DISK.format(ONE))
    assert node.apply().returncode == 75
    anew(node)
    done(node)
    anew(node, DISK.format(TWO))
    assert node.apply().returncode == 75


def test_another_node_in_the_place_of_the_kept_bundle_is_refused(node: Node) -> None:
    node.plan.append(DISK.format(ONE))
    node.apply()
    node.seal()
    plan = node.bundle / "plan.tsv"
    plan.write_text(plan.read_text().replace("node-gfs1", "node-gfs9"))
    node.sums()
    # cloud-init has put the new one where the old one was
    shutil.rmtree(node.root / STATE / "bundle")
    shutil.copytree(node.bundle, node.root / STATE / "bundle")
    run = node.apply(seal=False, script=node.root / STATE / "bundle/apply")
    assert run.returncode == 2
    assert "this machine is shop/node-gfs1" in run.stderr
    assert f"/srv/a (UUID={ONE})" in run.stderr


# -- the lock, and the list


@pytest.mark.parametrize("planted", ["folder", "lock"])
def test_a_link_where_the_lock_belongs_is_refused(node: Node, planted: str) -> None:
    elsewhere = node.write("/etc/victim", "x")
    place = node.root / "run/stook"
    if planted == "folder":
        place.symlink_to(node.root / "etc")
    else:
        place.mkdir()
        (place / "apply.lock").symlink_to(elsewhere)
    run = node.apply()
    assert run.returncode == 2
    assert "is not a folder of root's own" in run.stderr


def test_the_list_of_all_that_was_ever_put_is_only_added_to(node: Node) -> None:
    node.file("/etc/a", "a\n")
    node.plan += [EVE, "unit\tx.service\tstart\t-\t-", "package\tchrony"]
    done(node)
    ever = node.root / STATE / "everput"
    first = ever.read_text()
    assert {"file\t/etc/a\tput", "account\teve\tput", "unit\tx.service\tput"} <= set(
        first.split("\n")
    )
    assert "package\tchrony\tput" in first
    assert ever.stat().st_mode & 0o7777 == 0o600
    anew(node)
    done(node)
    assert ever.read_text().startswith(first)
    assert (node.root / STATE / "applied.tsv").stat().st_mode & 0o7777 == 0o600
