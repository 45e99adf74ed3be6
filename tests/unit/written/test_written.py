"""What scripts write that run as root: all of it is in the table, and no link there is followed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit import test_ceph_device, test_ceph_seed
from tests.unit.written.stories import STORIES, seed_all
from tests.unit.written.traced import traced

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
# Not those of this machine, where nobody may have them.
CEPH = 64045
AS_CEPH = {
    "setpriv": f'#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec '
    f'/usr/bin/setpriv --reuid={CEPH} --regid={CEPH} --clear-groups -- "$@"\n',
    "chown": "#!/bin/sh\nfor word; do shift; case $word in "
    f"ceph:ceph) word={CEPH}:{CEPH} ;; esac; "
    'set -- "$@" "$word"; done\nexec /bin/chown "$@"\n',
}
root_only = pytest.mark.skipif(os.getuid() != 0, reason="only root can be another account")


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    script: str
    path: str
    parent: str
    why: str

    def names(self, path: str) -> bool:
        pattern = re.escape(self.path).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        return re.fullmatch(pattern, path) is not None


LINES = (HERE / "table.tsv").read_text().splitlines()
TABLE = [Row(*line.split("\t")) for line in LINES if not line.startswith("#")]


def rows(script: str) -> list[Row]:
    return [row for row in TABLE if row.script == script]


def as_on_a_node(path: str, roots: dict[str, str]) -> str:
    """A path below a made-up root as a node has it; nothing, where it is a note of the test's."""
    for root, place in sorted(roots.items(), reverse=True):
        if path == root or path.startswith(f"{root}/"):
            return "" if place == "-" else place + path.removeprefix(root)
    return path


@pytest.mark.parametrize("script", STORIES)
def test_all_that_a_script_writes_is_in_the_table(script: str, tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    with traced(tmp_path / "trace") as written:
        roots = STORIES[script](tmp_path / "node")
    paths = {as_on_a_node(path, roots) for path in written}
    paths = {path for path in paths if path and not path.startswith(("/dev/", "/proc/"))}
    missing = {path for path in paths if not any(row.names(path) for row in rows(script))}
    assert not missing
    unused = [row.path for row in rows(script) if not any(map(row.names, paths))]
    assert not set(unused) - {"-"}


def test_every_script_is_in_the_table() -> None:
    folders = [*ROOT.glob("bundles/*/*"), *ROOT.glob("tests/golden/*/expected/*")]
    scripts = {file.name for one in folders for file in one.glob("rootfs/usr/local/lib/stook/*")}
    # no bundle that is committed has these
    assert scripts | {"apply", "fetch", "ceph-device", "fail2ban-deny"} <= {
        row.script for row in TABLE
    }
    assert {row.script for row in TABLE} >= STORIES.keys()
    assert all(row.why for row in TABLE if row.parent != "root")


def test_a_plan_puts_files_in_folders_of_roots_alone() -> None:
    """What else a mount point is in is root's before it is made."""
    theirs = [row for row in rows("apply") if row.parent == "root"]
    for plan in [*ROOT.glob("bundles/*/*/plan.tsv"), *ROOT.glob("tests/golden/**/plan.tsv")]:
        for verb, path, *_ in (line.split("\t") for line in plan.read_text().splitlines()):
            if verb in ("file", "repository", "secret", "absent", "block"):
                assert path.startswith("/usr/local/lib/stook/") or any(
                    row.names(path) for row in theirs
                ), path


# ---------------------------------------------------------------- links


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that every account may pass, as tmp_path is root's alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


class Victim:
    """A file and a folder of root's, to which links lead."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "victim"
        self.folder.mkdir()
        (self.folder / "file").write_text("root's own\n")
        (self.folder / "file").chmod(0o600)
        self.before = self.state()

    def state(self) -> list[object]:
        """What anybody could have changed of it, but for names of the file elsewhere."""
        every = [self.folder, *sorted(self.folder.rglob("*"))]
        facts = [(str(one), (s := one.stat()).st_mode, s.st_uid, s.st_gid) for one in every]
        return [*facts, (self.folder / "file").read_text()]

    def plant(self, path: Path, how: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        if how == "hard link":
            path.hardlink_to(self.folder / "file")
        else:
            path.symlink_to(self.folder / "file" if how == "link to a file" else self.folder)


def hand_over(folder: Path) -> None:
    """A folder of Ceph's as its account has it, links in it too."""
    for place, names, files in os.walk(folder):
        for one in (place, *(f"{place}/{name}" for name in (*names, *files))):
            if Path(one).is_symlink() or Path(one).stat().st_nlink == 1 or Path(one).is_dir():
                os.lchown(one, CEPH, CEPH)


HOW = ("link to a file", "link to a folder", "hard link")
# Where somebody else than root can write, and what is said of a link to a folder there; nothing
# where the link only goes, or leads no daemon of Ceph's further than it gets by itself.
SEEDED = {
    "var/lib/ceph/mon": "waiting: {root}/var/lib/ceph/mon/ceph-m.stook-new cannot be made",
    "var/lib/ceph/mon/ceph-m": "",
    "var/lib/ceph/mon/ceph-m.stook-new": "",
    "var/lib/ceph/mgr": "waiting: {root}/var/lib/ceph/mgr/ceph-m cannot be made",
    "var/lib/ceph/mgr/ceph-m": "waiting: {root}/var/lib/ceph/mgr/ceph-m/keyring cannot be written",
    "var/lib/ceph/mgr/ceph-m/keyring": "",
    "var/lib/ceph/mgr/ceph-m/keyring.stook-new": "",
    "var/lib/ceph/osd": "waiting: {root}/var/lib/ceph/osd/ceph-0 cannot be linked",
    "var/lib/ceph/osd/ceph-0": "",
    "ceph/a/osd/keyring": "",
    "ceph/a/osd/keyring.stook-new": "",
    "ceph/a/osd/new-key": "",
    "ceph/a/osd/new-key.stook-new": "",
}
DEVICES = {
    "var/lib/ceph/osd": "is a link, or behind one",
    "var/lib/ceph/osd/ceph-0": "is a link, or behind one",
    "var/lib/ceph/bootstrap-osd": "is behind a link that root has not put there",
    "var/lib/ceph/bootstrap-osd/ceph.keyring": "",
}


@root_only
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("path", SEEDED)
def test_ceph_seed_follows_no_link(open_folder: Path, path: str, how: str) -> None:
    node = test_ceph_seed.make_node(open_folder)
    node.tools(AS_CEPH)
    victim = Victim(open_folder)
    victim.plant(node.root / path, how)
    for folder in ("var/lib/ceph", "ceph/a/osd"):
        hand_over(node.root / folder)
    (open_folder / "answers").chmod(0o777)
    said = "".join(seed_all(node) for _ in range(2))
    assert victim.state() == victim.before, said
    if how == "link to a folder":
        assert SEEDED[path].format(root=node.root) in said


@root_only
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("path", DEVICES)
def test_ceph_device_follows_no_link(open_folder: Path, path: str, how: str) -> None:
    node = test_ceph_device.make_node(open_folder)
    node.tools(AS_CEPH)
    victim = Victim(open_folder)
    victim.plant(node.root / path, how)
    hand_over(node.root / "var/lib/ceph")
    said = node.seed()[1]
    assert victim.state() == victim.before, said
    if how == "link to a folder":
        assert DEVICES[path] in said


@root_only
def test_without_links_all_is_made_as_ceph(open_folder: Path) -> None:
    node = test_ceph_seed.make_node(open_folder)
    node.tools(AS_CEPH)
    hand_over(node.root / "var/lib/ceph")
    (open_folder / "answers").chmod(0o777)
    said = seed_all(node)
    for words in ("the store of mon.m is made", "keyring is written", "osd.0 is made on /ceph/a"):
        assert words in said
    for path in (
        "var/lib/ceph/mon/ceph-m",
        "var/lib/ceph/mgr/ceph-m/keyring",
        "ceph/a/osd/keyring",
    ):
        assert (node.root / path).stat().st_uid == CEPH, path


def test_every_path_of_somebody_else_has_a_link_planted() -> None:
    planted = {("ceph-seed", f"/{path}") for path in SEEDED}
    planted |= {("ceph-device", f"/{path}") for path in DEVICES}
    planted.add(("apply", "/home/eve/.ssh/authorized_keys"))  # tests/unit/apply
    theirs = [row for row in TABLE if row.parent not in ("root", "anybody", "-")]
    for row in theirs:
        within = row.path.endswith("/**")
        hit = any(row.script == script and row.names(path) for script, path in planted)
        assert hit or within, row
