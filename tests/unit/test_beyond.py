"""What is looked at on a node beyond the spec, against files and a database of packages made up."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

import pytest

from generator import pipeline
from verify.probes import apt_sources, local_mounts, packaged, privileged, startup, sudo_rights

ROOT = Path(__file__).parents[2]


def database(folder: Path, **owned: dict[str, str]) -> Path:
    """dpkg's, of packages with their files: a path and what the file had in it."""
    (folder / "info").mkdir(parents=True)
    conffiles = ""
    for name, files in owned.items():
        (folder / f"info/{name}.list").write_text("".join(f"{path}\n" for path in ("/.", *files)))
        sums = {path: hashlib.md5(text.encode()).hexdigest() for path, text in files.items()}
        plain = (f"{sums[path]}  {path[1:]}\n" for path in files if "/etc/" not in path)
        (folder / f"info/{name}.md5sums").write_text("".join(plain))
        edited = (f" {path} {sums[path]} obsolete\n" for path in files if "/etc/" in path)
        conffiles += f"Package: {name}\nConffiles:\n{''.join(edited)}\n"
    (folder / "status").write_text(conffiles)
    return folder


def put(top: Path, *paths: str, text: str = "as it came") -> list[str]:
    for path in paths:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    return [str(top / path) for path in paths]


def test_a_file_is_a_packages_as_long_as_it_is_as_it_came(tmp_path: Path) -> None:
    unit, job, changed, edited = put(
        tmp_path, "lib/a.service", "etc/cron.d/a", "lib/b.service", "etc/cron.d/b"
    )
    known = dict.fromkeys((unit, job, changed, edited, "/nowhere/a"), "as it came")
    dpkg = database(tmp_path / "dpkg", **{"a:amd64": known})
    put(tmp_path, "lib/b.service", "etc/cron.d/b", text="edited")
    (other,) = put(tmp_path, "etc/cron.d/c")
    found = packaged.look_up([unit, job, changed, edited, other, "/nowhere/a"], dpkg)
    assert [(file.package, file.same) for file in found] == [
        ("a:amd64", True),
        ("a:amd64", True),
        ("a:amd64", False),
        ("a:amd64", False),
        ("", False),
        ("a:amd64", False),
    ]


def test_a_database_may_have_the_older_name_of_a_folder() -> None:
    assert list(packaged.names("/usr/bin/su")) == ["/usr/bin/su", "/bin/su"]
    assert list(packaged.names("/usr/lib/systemd/system/a.service"))[1:] == [
        "/lib/systemd/system/a.service"
    ]
    assert list(packaged.names("/usr/share/a")) == ["/usr/share/a"]


def test_without_a_database_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no database of packages"):
        packaged.look_up(["/etc/passwd"], tmp_path)


STARTED = (
    "etc/systemd/system/a.service",
    "etc/systemd/system/ssh.service.d/a.conf",
    "etc/systemd/system.control/a.slice.d/50-CPUWeight.conf",
    "etc/systemd/system.conf.d/a.conf",
    "usr/local/lib/systemd/user/a.timer",
    "usr/lib/systemd/system/a@.socket",
    "etc/systemd/system-generators/a",
    "usr/lib/systemd/system-sleep/a",
    "etc/init.d/a",
    "etc/cron.d/a",
    "etc/cron.daily/a",
    "etc/update-motd.d/10-a",
    "var/spool/cron/crontabs/root",
    "var/spool/cron/atjobs/a00001",
    "var/lib/systemd/linger/www-data",
    "etc/crontab",
    "etc/rc.local",
    "opt/linked.service",
    "opt/dropins/b.conf",
)
# What is left behind, or read by nobody.
IDLE = (
    "etc/systemd/system/a.service.dpkg-old",
    "etc/systemd/system/a.service.stook-kept",
    "etc/systemd/system/README",
    "etc/systemd/system-generators/a.dpkg-dist",
    "etc/systemd/network/10-a.network",
    "etc/cron.d/a.bak",
    "etc/update-motd.d/10-a.sh",
    "etc/cron.daily/.placeholder",
    "var/spool/cron/atjobs/.SEQ",
    "run/systemd/system/a.service",
)


def test_what_starts_is_looked_at_wherever_it_lies(tmp_path: Path) -> None:
    top = tmp_path.resolve()
    put(top, *STARTED, *IDLE)
    units = top / "etc/systemd/system"
    (units / "linked.service").symlink_to(top / "opt/linked.service")
    (units / "cron.service.d").symlink_to(top / "opt/dropins")
    (units / "loop").symlink_to(units)
    found = {path for path in startup.places(str(top)) if Path(path).is_file()}
    assert found == {str(top / path) for path in STARTED}


def test_sources_are_read_as_apt_reads_them(tmp_path: Path) -> None:
    put(
        tmp_path,
        "sources.list",
        text="# deb http://off a b\n"
        "deb [ arch=amd64 signed-by=/k1,/k2 trusted=yes ] http://one s1 c\n"
        "deb-src http://two s2 c\ndeb http://three ./ # flat\nnonsense\n",
    )
    put(
        tmp_path,
        "sources.list.d/b.sources",
        text="# first\nTypes: deb deb-src\nURIs: http://four\n http://five\nSuites: s4\n"
        "Allow-Insecure: Yes\n\nEnabled: no\nTypes: deb\nURIs: http://off\nSuites: x\n\n"
        "types: deb\nuris: http://six\nsuites: s6\nSigned-By:\n"
        " -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n AAAA\n",
    )
    put(tmp_path, "sources.list.d/c.list.save", text="deb http://off a b\n")
    found = [source[1:] for source in apt_sources.sources(str(tmp_path))]
    assert found == [
        (["http://one"], ["s1"], ["/k1", "/k2"], ["trusted"]),
        (["http://three"], ["./"], [], []),
        (["http://four", "http://five"], ["s4"], [], ["allow-insecure"]),
        (["http://six"], ["s6"], ["a whole key"], []),
    ]


TABLE = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:5 / /dev rw,nosuid - devtmpfs udev rw
23 21 0:22 / /proc rw,relatime - proc proc rw
24 21 8:17 / {folder}/a\\040disk rw - xfs /dev/sdb1 rw
25 21 8:17 / {folder}/again rw - xfs /dev/sdb1 rw
26 21 8:33 / {folder}/brick rw,nosuid,nodev - xfs /dev/sdc1 rw
27 21 0:50 / {folder}/share rw - fuse.glusterfs one:/share rw
28 21 0:51 / {folder}/hidden/layer rw - overlay overlay rw
29 21 0:52 / {folder}/gone rw - ext4 /dev/sdd1 rw
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="folders have to be root's")
def test_a_search_stays_on_local_file_systems_that_people_reach() -> None:
    folder = Path("/opt/stook-test-search")
    try:
        for name in ("a disk", "again", "brick", "share", "hidden/layer"):
            (folder / name).mkdir(parents=True)
        (folder / "hidden").chmod(0o710)
        points = list(local_mounts.mounts(TABLE.format(folder=folder)))
        assert list(local_mounts.roots(points)) == ["/", f"{folder}/a disk"]
        put(folder, "a disk/sh", "a disk/plain", "hidden/layer/sh", "share/sh", "group", "locked")
        (folder / "a disk/link").symlink_to(folder / "a disk/sh")
        for path in folder.rglob("sh"):
            path.chmod(0o4755)
        (folder / "group").chmod(0o2710)
        # without the right to run it, the bit stands for something else
        (folder / "locked").chmod(0o2644)
        others = {path for path, _ in points if path != f"{folder}/a disk"}
        assert sorted(privileged.search(str(folder), others)) == [
            (f"{folder}/a disk/sh", "4755 root:root"),
            (f"{folder}/group", "2710 root:root"),
        ]
    finally:
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        folder.rmdir()


def test_a_search_that_cannot_go_on_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: str) -> None:
        raise OSError(5, "Input/output error", path)

    monkeypatch.setattr(os, "scandir", broken)
    with pytest.raises(OSError, match="Input/output error"):
        list(privileged.search(str(tmp_path), set()))


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (struct.pack("<5I", 0x02000001, 0x2000, 0, 0, 0), 0x2000),
        (struct.pack("<6I", 0x03000001, 0, 0, 0x100, 0, 1000), 0x100 << 32),
        (struct.pack("<3I", 0x01000001, 0x80, 0), 0x80),
    ],
)
def test_capabilities_of_each_form(
    value: bytes, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getxattr", lambda *words, **more: value)
    assert privileged.capabilities("/bin/x") == held


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("passwd: files\n", ["files"]),
        ("sudoers: files [NOTFOUND=continue] sss # both\n", ["files", "sss"]),
        ("#sudoers: ldap\n", ["files"]),
        (" sudoers : ldap\nsudoers: files\n", ["ldap"]),
    ],
)
def test_where_rules_of_sudo_come_from(line: str, named: list[str]) -> None:
    assert list(sudo_rights.sources(line)) == named


def test_what_decides_instead_of_sudo() -> None:
    text = (
        "# Plugin a /opt/a.so\nPlugin sudoers_policy sudoers.so\n"
        "Plugin sudoers_io /usr/libexec/sudo/sudoers.so\nPlugin b /opt/sudoers.so debug=1\n"
    )
    assert list(sudo_rights.plugins(text)) == ["/opt/sudoers.so"]


@pytest.mark.parametrize(("provider", "known"), [("azure", True), ("ec2", False)])
def test_what_a_providers_agent_writes_is_not_beyond(
    provider: str, known: bool, tmp_path: Path
) -> None:
    text = (ROOT / "tests/golden/everything/site.yaml").read_text()
    (tmp_path / "site.yaml").write_text(text.replace("provider: ec2", f"provider: {provider}"))
    plan = pipeline.run(tmp_path).plan
    assert plan
    wants = {one.kind: one.want for one in plan.expectations["one"] if one.subject == "beyond"}
    for kind in ("startup", "repositories", "package_files", "privileged"):
        files = set(wants[kind]["files"])
        assert {"/etc/cron.d/node-exporter", "/usr/local/bin/node exporter"} <= files
        assert ("/usr/lib/systemd/system/azure.slice" in files) == known
    assert "/etc/systemd/system/stook-apply.service" in wants["startup"]["files"]
    assert "/etc/apt/sources.list.d/stook-vendor.sources" in wants["repositories"]["files"]
