"""Every shell script of the repository is POSIX sh, and so is every part of one by itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from generator.platforms import families
from generator.rendering.scripts import script
from tests.unit import madeup
from tests.unit.shell import NODE, SHELLS, Text, words

ROOT = Path(__file__).parents[2]
SHEBANGS = (b"#!/bin/sh\n", b"#!/bin/bash\n", b"#!/usr/bin/env bash\n")
# Every family of packages, and the one that only tests have.
FAMILIES = ("apt", madeup.FAMILY)
JOINED = {
    "ceph-device": script("generator.components.ceph", "files", "ceph-device"),
    "ceph-seed": script("generator.components.ceph", "files", "ceph-seed"),
    "fail2ban-deny": script("generator.components.fail2ban", "files", "fail2ban-deny"),
}
for one in FAMILIES:
    put = ("generator.components.web", "files", "wordpress-put")
    JOINED[f"apply-{one}"] = script("generator.rendering.node", "apply.sh", family=one)
    JOINED[f"wordpress-put-{one}"] = script(*put, family=one, PHP_USER="web", PHP_GROUP="web")
# What runs before any package of ours is there, so it is of packages that every image has: Debian's
# essential ones, and mount, fdisk, e2fsprogs and systemd; and the families' own commands.
EVERYWHERE = words(
    "awk basename blkid cat chattr chmod chown cmp comm cp cut date dd df diff dirname "
    "dnf dpkg dpkg-query rpm "
    "find findfs flock getent gpasswd grep head hostname id install ip kill ln ls lsattr lsblk "
    "mkdir "
    "mktemp mv readlink rm rmdir sed seq setpriv sh sha256sum sleep sort stat systemctl "
    "systemd-analyze tail tar timeout touch tr umount useradd usermod wipefs xargs"
)
# What a package of the plan has brought by then.
BROUGHT = words(
    "ceph ceph-authtool ceph-mon ceph-osd ceph-volume chronyd firewall-offline-cmd lvchange lvs "
    "mkfs.ext4 mkfs.xfs monmaptool nft pvs sshd udevadm visudo"
)


def tracked() -> list[Path]:
    """All tracked files that begin like a shell script, and all that are parts of one."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT)
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [p for p in paths if p.is_file() and p.read_bytes().startswith(SHEBANGS)]


def parts() -> list[Path]:
    """Every part of a script, those that scripts share included."""
    found = (part for name in FAMILIES for part in parts_of_family(name))
    scripts = ROOT.glob("generator/components/*/files/*.sh")
    return sorted([*NODE.glob("*/*.sh"), *scripts, *found])


def parts_of_family(name: str) -> list[Path]:
    return sorted(Path(str(families.home(name))).glob("*.sh"))


def parts_of_apply(family: str) -> list[Path]:
    """The parts that `apply` does not share with other scripts, and those of one family."""
    return sorted([*(NODE / "apply").glob("*.sh"), *parts_of_family(family)])


def library() -> frozenset[str]:
    """The functions of the parts that `apply` shares with other scripts."""
    taken = re.findall(r"^\. (lib/\S+)$", (NODE / "apply.sh").read_text(), re.MULTILINE)
    return frozenset().union(*(Text((NODE / name).read_text()).defined for name in taken))


def written() -> list[Path]:
    """Those scripts that are whole as they are written, and no copies that a build has made."""
    made = [ROOT / name for name in ("generator", "bundles", "tests/golden")]
    return [path for path in tracked() if not any(folder in path.parents for folder in made)]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_scripts_of_the_node_are_among_them() -> None:
    names = {path.name for path in tracked()}
    assert {"apply", "apply.sh", "ceph-seed", "wordpress-put"} <= names


@pytest.mark.parametrize("path", tracked(), ids=named)
def test_scripts_can_be_executed(path: Path) -> None:
    assert path.stat().st_mode & 0o111


@pytest.mark.parametrize("path", written(), ids=named)
def test_shellcheck(path: Path) -> None:
    passes("shellcheck", str(path))


@pytest.mark.parametrize("name", JOINED)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_joined_script_is_read_by_the_shell(name: str, shell: str) -> None:
    run = subprocess.run([*SHELLS[shell], "-n"], input=JOINED[name], capture_output=True)
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.parametrize("name", JOINED)
def test_shellcheck_of_a_joined_script(name: str) -> None:
    passes("shellcheck", "-", given=JOINED[name])


@pytest.mark.parametrize("name", JOINED)
def test_a_joined_script_calls_what_it_has_and_what_a_node_has(name: str) -> None:
    text = Text(JOINED[name].decode())
    assert text.calls - text.defined <= EVERYWHERE | BROUGHT
    assert not re.search(r"^\. ", text.text, re.MULTILINE)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_function_of_apply_is_without_a_caller(family: str) -> None:
    text = Text(JOINED[f"apply-{family}"].decode())
    # of the library a script may leave something out
    assert text.defined - text.calls <= library()


@pytest.mark.parametrize("path", parts(), ids=named)
def test_a_part_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", parts(), ids=named)
def test_shellcheck_of_a_part_alone(path: Path) -> None:
    # what other parts assign, and what they read
    passes("shellcheck", "--exclude=SC2034,SC2153,SC2154", str(path))


@pytest.mark.parametrize("path", parts(), ids=named)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_part_does_nothing_when_it_is_read(path: Path, shell: str) -> None:
    run = subprocess.run(
        [*SHELLS[shell], "-euc", f". {path}; echo end"], capture_output=True, text=True
    )
    assert (run.stdout, run.stderr) == ("end\n", "")


@pytest.mark.parametrize(
    ("path", "family"),
    [(path, family) for family in FAMILIES for path in parts_of_apply(family)],
    ids=lambda given: named(given) if isinstance(given, Path) else given,
)
def test_a_part_declares_what_it_calls_of_other_parts(path: Path, family: str) -> None:
    text = Text(path.read_text())
    others = frozenset().union(
        *(Text(other.read_text()).defined for other in parts_of_apply(family))
    )
    assert text.declared == (text.calls - text.defined - library()) & others
    assert text.calls - text.defined - library() - others <= EVERYWHERE | BROUGHT


def passes(*command: str, given: bytes = b"") -> None:
    run = subprocess.run(command, input=given, capture_output=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout.decode()
