"""`wordpress-put` in a folder: a made-up release comes from a tarball, no node is needed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from generator.rendering.scripts import script
from tests.unit.node import GROUP, ME

SCRIPT = script(
    "generator.components.web",
    "files",
    "wordpress-put",
    family="apt",
    PHP_USER=ME,
    PHP_GROUP=GROUP,
)
RELEASE = {
    "index.php": "<?php // front",
    "wp-load.php": "<?php // load",
    "wp-includes/version.php": "<?php $wp_version = '1';",
    "wp-includes/a b.php": "<?php // a name with a blank",
    "wp-content/themes/plain/style.css": "/* plain */",
    "wp-content/plugins/hello.php": "<?php // hello",
}


class Node:
    """A folder with a document root, a plan and a release."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "html"
        self.list = folder / "state/wordpress.sha256"
        self.tarball = folder / "wordpress.tar.gz"
        self.release(RELEASE)

    def release(self, files: dict[str, str], digest: str = "") -> None:
        tree = self.folder / f"tree-{len(list(self.folder.iterdir()))}"
        for name, text in files.items():
            file = tree / "wordpress" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        with tarfile.open(self.tarball, "w:gz") as tar:
            tar.add(tree / "wordpress", "wordpress")
        found = hashlib.sha256(self.tarball.read_bytes()).hexdigest()
        rows = (
            ("wordpress", "1"),
            ("root", str(self.root)),
            ("mount", "-"),
            ("source", "tarball", self.tarball.as_uri(), digest or found),
            ("list", str(self.list)),
        )
        (self.folder / "plan").write_text("".join("\t".join(row) + "\n" for row in rows))

    def put(self) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "STOOK_WORDPRESS_PLAN": str(self.folder / "plan"),
            "STOOK_WORDPRESS_LOOKS": "1",
        }
        file = self.folder / "wordpress-put"
        file.write_bytes(SCRIPT)
        return subprocess.run(
            ["sh", str(file)], env=environment, capture_output=True, text=True, timeout=60
        )

    def read(self, name: str) -> str:
        return (self.root / name).read_text()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_all_files_are_put_with_a_configuration_and_a_list(node: Node) -> None:
    done = node.put()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: node.read(name) for name in RELEASE} == RELEASE
    assert "/etc/stook/wordpress.php" in node.read("wp-config.php")
    listed = {line[66:] for line in node.list.read_text().splitlines()}
    assert listed == {name for name in RELEASE if not name.startswith("wp-content")}
    assert (node.root / "wp-content/uploads").is_dir()
    assert not list(node.root.glob(".stook-[no]*"))


def test_doing_it_again_changes_nothing(node: Node) -> None:
    node.put()
    (node.root / "index.php").write_text("altered by hand")
    done = node.put()
    assert (done.returncode, done.stdout) == (0, "")
    assert node.read("index.php") == "altered by hand"


def test_a_newer_release_replaces_the_core_and_leaves_what_people_added(node: Node) -> None:
    node.put()
    (node.root / "wp-content/uploads/cat.jpg").write_text("a cat")
    (node.root / "wp-content/themes/ours").mkdir()
    newer = RELEASE | {"index.php": "<?php // newer"}
    del newer["wp-includes/a b.php"]
    node.release(newer)
    assert node.put().returncode == 0
    assert node.read("index.php") == "<?php // newer"
    assert not (node.root / "wp-includes/a b.php").exists()
    assert node.read("wp-content/uploads/cat.jpg") == "a cat"
    assert (node.root / "wp-content/themes/ours").is_dir()


def test_another_tarball_than_the_spec_names_is_not_unpacked(node: Node) -> None:
    node.release(RELEASE, digest="0" * 64)
    done = node.put()
    assert done.returncode == 3
    assert "nothing was changed" in done.stdout
    assert not (node.root / "index.php").exists()


def test_a_wordpress_of_somebody_else_is_left_alone_until_it_may_go(node: Node) -> None:
    (node.root / "wp-includes").mkdir(parents=True)
    (node.root / "wp-config.php").write_text("<?php // theirs")
    done = node.put()
    assert done.returncode == 3
    assert ".stook-wordpress" in done.stdout
    assert node.read("wp-config.php") == "<?php // theirs"
    (node.root / ".stook-wordpress").touch()
    assert node.put().returncode == 0
    assert node.read(".wp-config.php.before-stook") == "<?php // theirs"
    assert node.read("index.php") == RELEASE["index.php"]


def test_a_source_that_cannot_be_had_is_waited_for(node: Node) -> None:
    node.tarball.unlink()
    done = node.put()
    assert done.returncode == 1
    assert "waiting for file:" in done.stdout


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives folders away")
@pytest.mark.parametrize("folder", ["", "wp-content", "wp-content/plugins"])
def test_a_folder_in_which_others_could_put_links_stops_it(node: Node, folder: str) -> None:
    elsewhere = node.folder / "elsewhere"
    elsewhere.write_text("root's own")
    theirs = node.root / folder
    theirs.mkdir(parents=True)
    (theirs / (".stook-probe" if not folder else "index.php")).symlink_to(elsewhere)
    os.chown(theirs, 33, 33)
    done = node.put()
    assert done.returncode == 3
    assert f"{str(theirs).removesuffix('/')} is not root's own" in done.stdout
    assert elsewhere.read_text() == "root's own"
