"""`apply` against a make-believe node: what it does, what it refuses, and what it takes back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.node import GROUP, ME, Node
from tests.unit.shell import SHELLS

UUID = "2f6f9f1e-5b0f-5c54-9b0d-4c3a5b6d7e8f"
SSH = "203.0.113.5 50000 10.77.0.11 22"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


@pytest.fixture
def full(node: Node) -> Node:
    """A node with a bit of everything."""
    node.plan += ["package\tchrony", f"user\tops\t/bin/bash\t{GROUP}", "absent\t/etc/old.conf"]
    node.write("etc/old.conf", "left by an earlier bundle\n")
    node.file("/etc/sudoers.d/ops", "ops ALL=(ALL) NOPASSWD: ALL\n", "0440", "sudoers")
    node.file("/etc/chrony/chrony.conf", "server ntp.example.internal\n", form="chrony")
    node.file("/etc/systemd/system/stook-apply.service", "[Service]\n", form="unit")
    node.block("/etc/hosts", "10.77.0.11\tnode-gfs1\n10.77.0.12\tnode-gfs2\n", "node-gfs1")
    node.plan += [
        "unit\tchrony.service\tstart\trestart\t/etc/chrony/chrony.conf",
        "unit\tstook-apply.service\tno-block\t-\t-",
    ]
    (node.notes / "passwd").write_text("")
    return node


def hosts(node: Node, outside: str, *claims: str) -> str:
    """The part of /etc/hosts outside the block, after a run."""
    node.write("etc/hosts", outside)
    node.block("/etc/hosts", "10.77.0.11\tnode-gfs1\n", *claims)
    assert node.apply().returncode == 0
    return node.read("etc/hosts").split("# BEGIN stook shop\n")[0]


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


# -- packages


def test_packaged_daemons_are_held_and_an_own_policy_comes_back(full: Node) -> None:
    full.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 0 # of the image\n")
    assert full.apply().returncode == 0
    assert "exit 101" in (full.notes / "policy-during-apt").read_text()
    assert "of the image" in full.read("usr/sbin/policy-rc.d")


def test_a_policy_left_by_a_killed_run_is_taken_away(node: Node) -> None:
    node.write("usr/sbin/policy-rc.d", "#!/bin/sh\n# written by stook apply\nexit 101\n")
    node.apply()
    assert not (node.root / "usr/sbin/policy-rc.d").exists()


def test_installed_packages_ask_no_network(node: Node) -> None:
    node.plan.append("package\tbase-files")
    node.apply()
    assert not any(call.startswith(("apt-get", "dpkg ")) for call in node.calls)


# -- blocks


def test_the_name_on_a_loopback_line_goes_and_localhost_stays(node: Node) -> None:
    outside = "127.0.0.1\tlocalhost\n127.0.1.1 node-gfs1.localdomain node-gfs1\n"
    assert hosts(node, outside, "node-gfs1") == (
        "127.0.0.1\tlocalhost\n#stook# 127.0.1.1 node-gfs1.localdomain node-gfs1\n"
    )


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("10.0.0.9 node-gfs1\n", "#stook# 10.0.0.9 node-gfs1\n"),
        ("10.0.0.9 NODE-GFS1 # old\n", "#stook# 10.0.0.9 NODE-GFS1 # old\n"),
        (
            "10.0.0.9 db node-gfs1 web\n",
            "#stook# 10.0.0.9 db node-gfs1 web\n"
            "10.0.0.9 db web  # stook: the rest of the line above\n",
        ),
        (
            "127.0.0.1 localhost node-gfs1\n",
            "#stook# 127.0.0.1 localhost node-gfs1\n"
            "127.0.0.1 localhost  # stook: the rest of the line above\n",
        ),
        ("10.0.0.9 node-gfs1.example.org\n", "10.0.0.9 node-gfs1.example.org\n"),
        ("10.0.0.9 node-gfs11\n", "10.0.0.9 node-gfs11\n"),
        ("# node-gfs1 is a server\n", "# node-gfs1 is a server\n"),
        ("#stook# 10.0.0.9 left-the-site\n", "10.0.0.9 left-the-site\n"),
        ("no newline at the end", "no newline at the end\n"),
    ],
)
def test_lines_outside_the_block(node: Node, line: str, after: str) -> None:
    assert hosts(node, line, "node-gfs1") == after


@pytest.mark.parametrize(
    ("line", "commented"),
    [
        ("/dev/sdb /var/www/html ext4 defaults 0 2", True),
        ("/dev/sdb /var/www/html/ ext4 defaults 0 2", True),
        ("/dev/sdb /var/www/html2 ext4 defaults 0 2", False),
        ("/dev/sdb /srv/my\\040site ext4 defaults 0 2", True),
        ("UUID=x / ext4 errors=remount-ro 0 1", False),
    ],
)
def test_another_mount_on_a_claimed_path_is_commented_out(
    node: Node, line: str, commented: bool
) -> None:
    node.write("etc/fstab", f"{line}\n")
    node.block(
        "/etc/fstab", "UUID=y /var/www/html xfs nofail 0 0\n", "/var/www/html", "/srv/my site"
    )
    node.apply()
    assert node.read("etc/fstab").startswith(f"#stook# {line}\n" if commented else f"{line}\n")


def test_a_block_is_replaced_where_it_stands(node: Node) -> None:
    node.write(
        "etc/hosts", "127.0.0.1 localhost\n# BEGIN stook shop\nold\n# END stook shop\n10.0.0.1 gw\n"
    )
    node.block("/etc/hosts", "10.77.0.11 node-gfs1\n", "node-gfs1")
    node.apply()
    assert node.read("etc/hosts") == (
        "127.0.0.1 localhost\n# BEGIN stook shop\n10.77.0.11 node-gfs1\n# END stook shop\n"
        "10.0.0.1 gw\n"
    )


# -- disks and mount points


def image(node: Node) -> Path:
    device = node.write("dev/xvdf", "")
    with device.open("wb") as disk:
        disk.truncate(400 * 1024 * 1024)
    return device


def test_a_blank_disk_is_formatted_once_with_its_uuid(node: Node) -> None:
    device = image(node)
    node.plan.append(f"disk\t/dev/xvdf\txfs\t{UUID}\t/bricks/b1")
    run = node.apply()
    assert run.returncode == 0, run.stderr
    probe = ["/usr/sbin/blkid", "-p", "-s", "UUID", "-o", "value", str(device)]
    assert subprocess.check_output(probe, text=True).strip() == UUID
    assert "format" not in node.apply().stdout


@pytest.mark.parametrize("foreign", ["ext4", "swap", "partitions", "xfs"])
def test_a_disk_with_anything_on_it_is_refused(node: Node, foreign: str) -> None:
    device = image(node)
    make = {
        "ext4": f"/usr/sbin/mkfs.ext4 -q {device}",
        "swap": f"/usr/sbin/mkswap -q {device}",
        # a boot sector with one Linux partition
        "partitions": f"printf '\\203\\0\\0\\0\\0\\010\\0\\0\\0\\020\\0\\0' | "
        f"dd of={device} bs=1 seek=450 conv=notrunc; "
        f"printf '\\125\\252' | dd of={device} bs=1 seek=510 conv=notrunc",
        "xfs": f"/usr/sbin/mkfs.xfs -q {device}",
    }
    subprocess.run(["/bin/sh", "-c", make[foreign]], check=True, capture_output=True)
    first = device.read_bytes()[:1048576]
    node.plan.append(f"disk\t/dev/xvdf\txfs\t{UUID}\t/bricks/b1")
    node.file("/etc/a", "a\n")
    run = node.apply()
    assert run.returncode == 2
    assert "is not empty" in run.stderr
    assert device.read_bytes()[:1048576] == first
    assert not (node.root / "etc/a").exists()


def test_a_bare_mount_point_is_closed(node: Node) -> None:
    node.plan.append("mountpoint\t/var/www/html")
    run = node.apply()
    assert (node.root / "var/www/html").stat().st_mode & 0o7777 == 0o700
    assert "no immutable flag" in run.stdout


def test_a_mount_point_in_use_is_not_looked_at(node: Node) -> None:
    node.write("proc/self/mountinfo", "1 1 0:1 / /var/www/html rw - fuse.glusterfs x rw\n")
    node.plan.append("mountpoint\t/var/www/html")
    node.apply()
    assert not (node.root / "var/www/html").exists()


def test_keys_are_below_a_folder_that_only_their_owner_may_enter(node: Node) -> None:
    node.file("/home/ops/.ssh/authorized_keys", "ssh-ed25519 AAAA ops\n", "0600")
    node.apply()
    folder = node.root / "home/ops/.ssh"
    assert folder.stat().st_mode & 0o7777 == 0o700
    assert folder.owner() == ME
