"""What `apply` takes back, what it leaves for the next time, and whom it never cuts off."""

from __future__ import annotations

import subprocess

import pytest

from tests.unit.node import Node

UUID = "2f6f9f1e-5b0f-5c54-9b0d-4c3a5b6d7e8f"
KEYS = "/etc/ssh/authorized_keys.d/%u"
SSH = "203.0.113.5 50000 10.77.0.11 22"


# -- the ssh session that this run hangs on


@pytest.mark.parametrize(
    ("client", "networks", "code"),
    [
        ("203.0.113.5", ["198.51.100.0/24"], 2),
        ("203.0.113.5", ["198.51.100.0/24", "203.0.113.4/31"], 0),
        ("203.0.113.6", ["203.0.113.4/31"], 2),
        ("10.200.0.1", ["10.128.0.0/9"], 0),
        ("10.100.0.1", ["10.128.0.0/9"], 2),
        ("192.0.2.1", ["0.0.0.0/0"], 0),
        ("2001:db8::5", ["2001:db8::/64"], 0),
        ("2001:db8:0:1::5", ["2001:db8::/64"], 2),
        ("2001:0DB8::5", ["2001:db8:0:0:0:0:0:4/126"], 0),
        ("::ffff:203.0.113.5", ["203.0.113.0/24"], 0),
        ("fe80::1%eth0", ["2001:db8::/64"], 2),
        ("203.0.113.5", ["::/0"], 2),
        ("203.0.113.5", [], 0),
    ],
)
def test_it_does_not_cut_off_the_session_it_runs_in(
    node: Node, client: str, networks: list[str], code: int
) -> None:
    node.plan += [f"ssh-from\t{network}" for network in networks]
    run = node.apply(SSH_CONNECTION=f"{client} 50000 10.77.0.11 22")
    assert run.returncode == code, run.stderr
    assert ("--allow-cutoff" in run.stderr) == (code == 2)


def test_a_person_may_cut_the_own_session(node: Node) -> None:
    node.plan.append("ssh-from\t198.51.100.0/24")
    assert node.apply("--allow-cutoff", SSH_CONNECTION=SSH).returncode == 0


def test_the_session_is_found_behind_sudo(node: Node) -> None:
    node.plan.append("ssh-from\t198.51.100.0/24")
    # the run's own process, as /proc shows it; sudo has dropped the variable from it
    script = node.bundle / "apply"
    node.seal()
    parent = f'mkdir -p "$APPLY_ROOT/proc/$$"; printf "SSH_CONNECTION={SSH}\\0" '
    parent += f'>"$APPLY_ROOT/proc/$$/environ"; exec {script}'
    wrapper = node.path / "sudo"
    wrapper.write_text(f"#!/bin/sh\n{parent}\n")
    wrapper.chmod(0o755)
    run = node.apply(seal=False, script=wrapper)
    assert run.returncode == 2
    assert "203.0.113.5" in run.stderr


# -- the way back in


@pytest.fixture
def session(node: Node) -> Node:
    """A node whose `apply` runs below the ssh session of `admin`, an account of the image."""
    (node.notes / "passwd").write_text("admin:x:1000:1000::/home/admin:/bin/sh\n")
    inside = f"SSH_CONNECTION={SSH}"
    node.write("proc/above/environ", f"A=b\0{inside}\0")
    node.write("proc/above/status", "Name:\tsh\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\n")
    wrapper = node.path / "sudo"
    wrapper.write_text(
        '#!/bin/sh\nmkdir "$APPLY_ROOT/proc/$$" "$APPLY_ROOT/proc/999"\n'
        'mv "$APPLY_ROOT"/proc/above/* "$APPLY_ROOT/proc/999/"\n'
        'printf "PPid:\t999\nUid:\t0\n" >"$APPLY_ROOT/proc/$$/status"\n'
        ': >"$APPLY_ROOT/proc/$$/environ"\n'
        f'exec {node.bundle / "apply"} "$@"\n'
    )
    wrapper.chmod(0o755)
    return node


def by_session(node: Node, *options: str) -> subprocess.CompletedProcess[str]:
    node.seal()
    return node.apply(*options, seal=False, script=node.path / "sudo")


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"
REFUSED = "you are here by ssh as admin, which this bundle lets in no more, nor any key of yours."


def test_who_would_not_come_back_is_refused(session: Node) -> None:
    session.file("/etc/ssh/authorized_keys.d/ops", f"{KEY} ops\n")
    session.write("home/admin/.ssh/authorized_keys", f"{KEY.replace('5o2L', '5o2M')} me\n")
    done = by_session(session)
    assert done.returncode == 2 and REFUSED in done.stderr
    assert not (session.root / "etc/ssh").exists()


def test_who_is_allowed_to_shut_themselves_out_does(session: Node) -> None:
    done = by_session(session, "--allow-cutoff")
    assert done.returncode == 0 and "warning: you are here by ssh as admin" in done.stderr


def test_one_key_under_another_name_is_the_same_person(session: Node) -> None:
    session.file("/etc/ssh/authorized_keys.d/ops", f"# x\n{KEY} ops\n")
    session.write("home/admin/.ssh/authorized_keys", f'from="10.0.0.1" {KEY} of the cloud\n')
    assert by_session(session).returncode == 0


def test_an_admin_of_the_bundle_comes_back(session: Node) -> None:
    session.logins = ("ops", "admin")
    session.file("/etc/ssh/authorized_keys.d/admin", f"{KEY} admin\n")
    assert by_session(session).returncode == 0


def test_an_admin_who_may_not_come_from_here_is_refused(session: Node) -> None:
    """The firewall may let the network in for somebody else, whose key this is not."""
    session.logins = ("ops", "admin")
    session.file("/etc/ssh/authorized_keys.d/admin", f'from="198.51.100.0/24" {KEY} admin\n')
    refused = by_session(session)
    assert refused.returncode == 2 and "with a 'from' that has your network" in refused.stderr


def test_a_bundle_that_lets_nobody_in_is_refused(node: Node) -> None:
    node.logins = ()
    refused = node.apply()
    assert refused.returncode == 2 and "lets nobody in by ssh" in refused.stderr
    assert node.apply("--allow-cutoff").returncode == 0


def test_a_configuration_that_sshd_does_not_read_is_taken_back(node: Node) -> None:
    """As where its own file includes no others: the keys would be where nobody looks."""
    node.file("/etc/ssh/sshd_config.d/00-stook.conf", f"AuthorizedKeysFile {KEYS}\n", form="sshd")
    (node.notes / "sshd-says").write_text("authorizedkeysfile .ssh/authorized_keys\n")
    refused = node.apply()
    assert refused.returncode == 1 and "does not read /etc/ssh/sshd_config.d" in refused.stderr
    assert not (node.root / "etc/ssh/sshd_config.d/00-stook.conf").exists()
    (node.notes / "sshd-says").write_text(f"authorizedkeysfile {KEYS}\n")
    assert node.apply().returncode == 0


# -- failures: exit 1, and files as before


def test_a_failed_validation_restores_every_file(node: Node) -> None:
    node.write("etc/motd", "before\n")
    node.write("etc/gone", "removed by the plan\n")
    node.file("/etc/motd", "after\n")
    node.file("/etc/chrony/chrony.conf", "BROKEN\n", form="chrony")
    node.block("/etc/hosts", "10.77.0.11 node-gfs1\n", "node-gfs1")
    node.plan.append("absent\t/etc/gone")
    before = node.read("etc/hosts")
    run = node.apply()
    assert run.returncode == 1
    assert "BROKEN\nstook apply: FAILED: chronyd refuses the new configuration\n" in run.stderr
    assert node.read("etc/motd") == "before\n"
    assert node.read("etc/gone") == "removed by the plan\n"
    assert node.read("etc/hosts") == before
    assert not (node.root / "etc/chrony/chrony.conf").exists()
    assert not (node.root / "var/lib/stook/stamp").exists()
    assert "systemctl daemon-reload" in node.calls


def test_a_broken_sudoers_file_never_gets_in_place(node: Node) -> None:
    node.file("/etc/sudoers.d/ops", "BROKEN\n", "0440", "sudoers")
    run = node.apply()
    assert run.returncode == 1
    what = "/etc/sudoers.d/ops is not a valid sudoers file; it was not installed"
    assert f"stook apply: FAILED: {what}\n" in run.stderr
    assert not (node.root / "etc/sudoers.d/ops").exists()
    # a check says so, too, as long as there is somebody to ask
    assert what in node.apply("--check").stderr
    (node.path / "bin/visudo").unlink()
    assert what not in node.apply("--check", PATH=f"{node.path / 'bin'}:/usr/bin:/bin").stderr


def test_a_warning_stops_nothing(node: Node) -> None:
    node.file("/etc/systemd/system/x.service", "[Service]\n", form="unit")
    (node.path / "bin/systemd-analyze").write_text("#!/bin/sh\necho odd; exit 1\n")
    run = node.apply()
    assert run.returncode == 0
    assert "warning: systemd-analyze verify /etc/systemd/system/x.service: odd\n" in run.stderr


def test_a_unit_that_does_not_start_takes_back_what_came_before_it(full: Node) -> None:
    full.plan.insert(-1, "unit\tglusterd.service\tstart\t-\t-")
    (full.notes / "broken/glusterd.service").touch()
    run = full.apply()
    assert run.returncode == 1
    assert "cannot start glusterd.service" in run.stderr
    assert "systemctl stop chrony.service" in full.calls
    assert not (full.root / "etc/chrony/chrony.conf").exists()
    assert (full.root / "etc/old.conf").exists()
    # the retry unit is what makes up for it
    assert (full.root / "etc/systemd/system/stook-apply.service").exists()
    assert "systemctl start --no-block stook-apply.service" in full.calls


def test_a_daemon_told_of_a_file_is_told_again_when_it_is_taken_back(full: Node) -> None:
    full.apply()
    full.write("etc/chrony/chrony.conf", "server elsewhere\n")
    full.plan.insert(-1, "unit\tglusterd.service\tstart\t-\t-")
    (full.notes / "broken/glusterd.service").touch()
    assert full.apply().returncode == 1
    assert full.calls.count("systemctl restart chrony.service") == 2
    assert full.read("etc/chrony/chrony.conf") == "server elsewhere\n"


def test_a_run_killed_before_its_restarts_leaves_them_to_the_next(full: Node) -> None:
    full.apply()
    (full.root / "var/lib/stook/pending").mkdir(exist_ok=True)
    (full.root / "var/lib/stook/pending/chrony.service").touch()
    assert full.apply().returncode == 0
    assert "systemctl restart chrony.service" in full.calls


# -- incomplete: exit 75


def test_packages_that_cannot_be_had_are_incomplete_not_failed(full: Node) -> None:
    (full.notes / "offline").touch()
    run = full.apply()
    assert run.returncode == 75
    assert "packages cannot be had now: chrony" in run.stdout
    assert "systemctl start --no-block stook-apply.service" in full.calls
    assert not (full.root / "usr/sbin/policy-rc.d").exists()
    assert not (full.root / "var/lib/stook/stamp").exists()


def test_a_missing_disk_holds_up_nothing_else(node: Node) -> None:
    node.plan += [f"disk\t/dev/xvdf\txfs\t{UUID}\t/bricks/b1", "mount\t/bricks/b1"]
    node.file("/etc/a", "a\n")
    run = node.apply()
    assert run.returncode == 75
    assert "disk /dev/xvdf for /bricks/b1 is not there" in run.stdout
    assert node.read("etc/a") == "a\n"
    assert not any(call.startswith("mount ") for call in node.calls)


def test_a_script_that_refuses_a_restart_is_asked_again_next_time(node: Node) -> None:
    (node.notes / "active/glusterd.service").touch()
    script = node.write("usr/local/lib/stook/gluster-restart", "#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    node.file("/etc/glusterfs/glusterd.vol", "volume management\n")
    node.plan.append(
        "unit\tglusterd.service\tstart\t/usr/local/lib/stook/gluster-restart"
        "\t/etc/glusterfs/glusterd.vol"
    )
    assert node.apply().returncode == 75
    script.write_text("#!/bin/sh\nexit 0\n")
    run = node.apply()
    assert (run.returncode, "run /usr/local/lib/stook/gluster-restart" in run.stdout) == (0, True)
    assert "nothing to do" in node.apply().stdout
