"""Steps of `apply`: packages, blocks, disks and mount points."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.unit.node import ME, Node

UUID = "2f6f9f1e-5b0f-5c54-9b0d-4c3a5b6d7e8f"


def hosts(node: Node, outside: str, *claims: str) -> str:
    """The part of /etc/hosts outside the block, after a run."""
    node.write("etc/hosts", outside)
    node.block("/etc/hosts", "10.77.0.11\tnode-gfs1\n", *claims)
    assert node.apply().returncode == 0
    return node.read("etc/hosts").split("# BEGIN stook shop\n")[0]


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


def test_what_came_with_the_image_is_closed_when_all_else_is_done(node: Node) -> None:
    (node.notes / "passwd").write_text("debian:x:1000:1000::/home/debian:/bin/bash\n")
    (node.notes / "shadow").write_text("debian:!:20000:0:99999:7:::\n")
    node.plan += ["absent\t/etc/sudoers.d/90-cloud-init-users"]
    node.plan += ["close\tdebian", "close\tnobody-here"]
    node.write("etc/sudoers.d/90-cloud-init-users", "debian ALL=(ALL) NOPASSWD:ALL\n")
    assert "would close the account debian" in node.apply("--check").stdout
    assert node.apply().returncode == 0
    assert not (node.root / "etc/sudoers.d/90-cloud-init-users").exists()
    assert "usermod -e 1 -s /usr/sbin/nologin -G  debian" in node.calls
    (node.notes / "shadow").write_text("debian:!:20000:0:99999:7::1:\n")
    assert "nothing to do" in node.apply().stdout


RULE = "etc/sudoers.d/90-cloud-init-users"


def brought(node: Node) -> None:
    """An account that the image brought, with its groups and its sudo rule."""
    (node.notes / "passwd").write_text("debian:x:1000:1000::/home/debian:/bin/bash\n")
    (node.notes / "shadow").write_text("debian:!:20000:0:99999:7:::\n")
    (node.notes / "groups-of-debian").write_text("adm\nsudo\n")
    node.write(RULE, "debian ALL=(ALL) NOPASSWD:ALL\n")


def test_what_was_closed_is_given_back_where_it_is_to_stay(node: Node) -> None:
    brought(node)
    node.plan += [f"absent\t/{RULE}", "close\tdebian"]
    assert node.apply().returncode == 0
    assert not (node.root / RULE).exists()
    node.plan = ["login\tdebian\t-"]
    assert "would open the account debian again" in node.apply("--check").stdout
    assert not (node.root / RULE).exists()
    run = node.apply()
    assert run.returncode == 0, run.stderr
    assert "usermod -e  -s /bin/bash -G adm,sudo debian" in node.calls
    assert (node.root / RULE).read_text() == "debian ALL=(ALL) NOPASSWD:ALL\n"
    assert "nothing to do" in node.apply().stdout
    # from then on it is the machine's own, and nobody's to put back
    (node.root / RULE).unlink()
    assert "nothing to do" in node.apply().stdout


def test_a_rule_that_a_failed_run_took_back_again_is_given_back_later(node: Node) -> None:
    brought(node)
    node.plan += [f"absent\t/{RULE}", "close\tdebian"]
    assert node.apply().returncode == 0
    (node.notes / "broken/x.service").touch()
    node.plan = ["login\tdebian\t-", "unit\tx.service\tstart\t-\t-"]
    assert node.apply().returncode == 1
    assert not (node.root / RULE).exists()
    (node.notes / "broken/x.service").unlink()
    assert node.apply().returncode == 0
    assert (node.root / RULE).exists()


def test_what_somebody_else_closed_is_not_opened(node: Node) -> None:
    brought(node)
    (node.notes / "shadow").write_text("debian:!:20000:0:99999:7::1:\n")
    node.plan = ["login\tdebian\t-"]
    run = node.apply()
    assert run.returncode == 1 and "nothing says that a bundle closed it" in run.stderr
    assert not any(call.startswith("usermod") for call in node.calls)


def test_an_admin_of_the_images_name_has_nothing_that_the_image_gave(node: Node) -> None:
    brought(node)
    node.plan = ["user\tdebian\t/bin/bash\t-", "leave\tdebian\tadm,sudo,video"]
    node.plan += [f"absent\t/{RULE}"]
    assert node.apply().returncode == 0
    assert [c for c in node.calls if c.startswith(("gpasswd", "usermod"))] == [
        "gpasswd -d debian adm",
        "gpasswd -d debian sudo",
    ]
    assert not (node.root / RULE).exists()


@pytest.mark.parametrize(
    ("entry", "group", "least", "said"),
    [
        ("x1:x:105:1::/:/bin/sh", "", "", "an account of the system (uid 105)"),
        ("x1:x:999:1::/:/bin/sh", "", "1000", "an account of the system (uid 999)"),
        ("x1:x:600:1::/:/bin/sh", "", "500", ""),
        ("x1:x:1000:1::/:/bin/sh", "x1:x:105:", "", ""),
        ("", "x1:x:105:", "", "a group of this system"),
        ("", "x10:x:105:", "", ""),
    ],
)
def test_a_person_has_no_name_of_the_systems(
    node: Node, entry: str, group: str, least: str, said: str
) -> None:
    (node.notes / "passwd").write_text(f"{entry}\n" if entry else "")
    (node.notes / "group").write_text(f"{group}\n")
    if least:
        node.write("etc/login.defs", f"# UID_MIN\t1\nUID_MIN\t\t\t {least}\nUID_MAX 60000\n")
    node.plan = ["user\tx1\t/bin/bash\t-"]
    run = node.apply()
    assert run.returncode == (1 if said else 0), run.stderr
    assert said in run.stderr and ("Call the person otherwise" in run.stderr) == bool(said)
    assert not said or not any(c.startswith("user") for c in node.calls)


def test_an_account_of_a_low_number_that_a_bundle_made_is_its(node: Node) -> None:
    (node.notes / "passwd").write_text("x1:x:105:1::/:/bin/bash\n")
    node.write("var/lib/stook/everput", "account\tx1\tput\n")
    node.plan = ["user\tx1\t/bin/bash\t-"]
    assert node.apply().returncode == 0


def test_it_is_not_closed_where_something_else_fails(node: Node) -> None:
    """It may be the only way in until then."""
    (node.notes / "passwd").write_text("debian:x:1000:1000::/home/debian:/bin/bash\n")
    (node.notes / "broken/x.service").touch()
    node.plan += ["close\tdebian", "unit\tx.service\tstart\t-\t-"]
    assert node.apply().returncode == 1
    assert not any(call.startswith("usermod") for call in node.calls)


def test_keys_are_below_a_folder_that_only_their_owner_may_enter(node: Node) -> None:
    node.file("/home/ops/.ssh/authorized_keys", "ssh-ed25519 AAAA ops\n", "0600")
    node.apply()
    folder = node.root / "home/ops/.ssh"
    assert folder.stat().st_mode & 0o7777 == 0o700
    assert folder.owner() == ME
