"""`gluster-keep` at a node whose mounts, processes and commands are made up."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from generator.components.gluster.files import keep
from generator.components.gluster.files.keep import Keeper
from generator.components.gluster.files.node import Done
from generator.components.gluster.files.plan import Brick, Client, Plan
from generator.rendering.scripts import script

DEAD = "stat: cannot statx '/www': Transport endpoint is not connected"
FORCE = ("gluster", "volume", "start", "wp", "force")


@dataclass
class Node:
    """What is mounted and runs, what commands answer, and which were called."""

    folder: Path
    mounts: set[str] = field(default_factory=set)
    processes: set[tuple[str, str]] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    answers: dict[str, Done] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    keeper: Keeper = field(default_factory=Keeper)

    @property
    def brick(self) -> Brick:
        return Brick("wp", "n1", f"{self.folder}/b/gv", "-", "-")

    def plan(self, *bricks: Brick, clients: tuple[Client, ...] = (), me: str = "n1") -> Plan:
        return Plan(me, "n1", ("n1", "n2"), (), bricks, (), clients)

    def run(self, limit: int, *words: str) -> Done:
        assert limit <= 130
        self.calls.append(words)
        done = self.answers.get(words[0], Done(0, ""))
        if done.ok and words[0] == "mount":
            self.mounts.add(words[1])
        if done.ok and words[0] == "umount":
            self.mounts.discard(words[-1])
        return done

    def called(self, name: str) -> int:
        return len([words for words in self.calls if words[0] == name])


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node(tmp_path)
    monkeypatch.setattr(keep, "GLUSTERD", str(tmp_path / "glusterd"))
    monkeypatch.setattr(keep, "run", made.run)
    monkeypatch.setattr(keep, "gluster", lambda limit, *words: made.run(limit, "gluster", *words))
    monkeypatch.setattr(keep, "mounted", lambda path: path in made.mounts)
    monkeypatch.setattr(keep, "process", lambda name, word: (name, word) in made.processes)
    monkeypatch.setattr(keep, "started", lambda volume: volume in made.started)
    return made


def looks(node: Node, monkeypatch: pytest.MonkeyPatch, plan: Plan, times: int) -> None:
    monkeypatch.setattr(keep, "read_plan", lambda: plan)
    for _ in range(times):
        node.keeper.look_around()


def test_tries_grow_rarer(node: Node) -> None:
    keeper, tried = node.keeper, []
    for look in range(1, 300):
        keeper.look = look
        if keeper.due("x"):
            tried.append(look)
    assert tried == [1, 4, 10, 22, 46, 94, 190, 250]
    keeper.settled("x")
    assert keeper.due("x")


def test_a_disk_that_is_not_there_is_waited_for_and_said_once(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answers["findfs"] = Done(1, "")
    assert not node.keeper.mount_brick("/b", "u1")
    assert not node.keeper.mount_brick("/b", "u1")
    assert capsys.readouterr().out == "/b: waiting for its disk (UUID u1)\n"
    assert node.called("mount") == 0
    del node.answers["findfs"]
    assert node.keeper.mount_brick("/b", "u1")
    assert capsys.readouterr().out == "/b: mounted\n"


def test_a_brick_whose_disk_cannot_be_mounted_is_left(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    node.answers["mount"] = Done(32, "mount: /b: bad superblock")
    node.keeper.keep_brick(Brick("wp", "n1", f"{node.folder}/b/gv", "/b", "u1"))
    assert capsys.readouterr().out == "/b: cannot be mounted: mount: /b: bad superblock\n"
    assert not (node.folder / "b").exists()


def test_a_brick_is_started_when_it_stays_away_for_three_looks(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node.started.add("wp")
    Path(node.brick.path).mkdir(parents=True)
    plan = node.plan(node.brick)
    looks(node, monkeypatch, plan, 2)
    assert FORCE not in node.calls
    looks(node, monkeypatch, plan, 2)
    assert node.calls.count(FORCE) == 1
    node.processes.add(("glusterfsd", node.brick.path))
    looks(node, monkeypatch, plan, 2)
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"brick {node.brick.path}: started; if it does not stay, its log in "
        "/var/log/glusterfs/bricks says why",
        f"brick {node.brick.path}: online",
    ]


def test_a_brick_waits_for_glusterd(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node.started.add("wp")
    Path(node.brick.path).mkdir(parents=True)
    node.answers["systemctl"] = Done(3, "")
    looks(node, monkeypatch, node.plan(node.brick), 5)
    assert capsys.readouterr().out == f"brick {node.brick.path}: waiting for glusterd\n"
    assert FORCE not in node.calls


def test_a_new_disk_gets_the_recipe(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node.started.add("wp")
    looks(node, monkeypatch, node.plan(node.brick), 1)
    path = node.brick.path
    assert capsys.readouterr().out == (
        f"brick {path}: its disk is there and has no such directory. If the disk is new, to fill "
        f"it from the other copies: mkdir {path} && gluster volume reset-brick wp n1:{path} start "
        f"&& gluster volume reset-brick wp n1:{path} n1:{path} commit force\n"
    )


def test_the_mark_of_a_failed_creation_is_cleared_after_20_seconds(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = Path(node.brick.path, ".glusterfs")
    mark.mkdir(parents=True)
    node.keeper.clear_mark(node.brick)
    assert mark.exists()
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 22)
    (node.folder / "glusterd/vols/wp").mkdir(parents=True)
    node.keeper.clear_mark(node.brick)
    assert mark.exists()
    (node.folder / "glusterd/vols/wp").rmdir()
    node.keeper.clear_mark(node.brick)
    assert not Path(node.brick.path).exists()
    assert "cleared of the mark" in capsys.readouterr().out


def test_bricks_of_other_nodes_are_theirs(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    looks(node, monkeypatch, node.plan(node.brick, me="n2"), 1)
    assert not (node.folder / "b").exists()


def test_what_cannot_be_done_is_said_and_ends_nothing(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (node.folder / "b").write_text("in the way")
    client = Client("wp", "/www")
    node.started.add("wp")
    looks(node, monkeypatch, node.plan(node.brick, clients=(client,)), 2)
    said = capsys.readouterr().out
    assert said.count(f"brick {node.brick.path}: [Errno") == 1
    assert "/www: mounted" in said


@pytest.mark.parametrize(
    ("answer", "lives", "said", "unmounted"),
    [
        (Done(0, "1"), True, "/www: mounted", False),
        (Done(1, DEAD), True, "/www: mounted, but the volume does not answer", False),
        (Done(1, DEAD), False, "/www: its client process has died; unmounting", True),
        (Done(124, ""), True, "/www: mounted, but it does not answer within 5 seconds", False),
        (Done(1, "stat: no"), True, "/www: mounted, but: stat: no", False),
    ],
)
def test_only_a_mount_without_a_process_is_taken_away(
    node: Node,
    capsys: pytest.CaptureFixture[str],
    answer: Done,
    lives: bool,
    said: str,
    unmounted: bool,
) -> None:
    node.mounts.add("/www")
    node.answers["stat"] = answer
    if lives:
        node.processes.add(("glusterfs", "/www"))
    node.keeper.drop_dead("/www")
    assert capsys.readouterr().out.startswith(said)
    assert ("/www" in node.mounts) != unmounted


def test_a_client_waits_for_its_volume_where_that_can_be_known(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = node.plan(clients=(Client("wp", "/www"),))
    looks(node, monkeypatch, plan, 2)
    assert capsys.readouterr().out == "/www: waiting for volume wp to be started\n"
    node.started.add("wp")
    node.answers["mount"] = Done(1, "first\nMount failed.")
    looks(node, monkeypatch, plan, 2)
    assert capsys.readouterr().out == "/www: cannot be mounted yet: Mount failed.\n"
    del node.answers["mount"]
    looks(node, monkeypatch, plan, 2)
    assert capsys.readouterr().out == "/www: mounted\n"


def test_a_pure_client_asks_no_files_of_glusterd(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(node, monkeypatch, node.plan(clients=(Client("wp", "/www"),), me="c1"), 1)
    assert node.mounts == {"/www"}


@pytest.mark.parametrize(
    ("lines", "asked"), [("hostname1=10.0.0.1\n", 1), ("uuid=x\nhostname1=n1\n", 0)]
)
def test_the_formers_name_is_taught_where_it_is_unknown(
    node: Node, monkeypatch: pytest.MonkeyPatch, lines: str, asked: int
) -> None:
    peer = node.folder / "glusterd/peers/u"
    peer.parent.mkdir(parents=True)
    peer.write_text(lines)
    looks(node, monkeypatch, node.plan(me="n2"), 2)
    assert node.calls.count(("gluster", "peer", "probe", "n1")) == asked


def test_the_script_reads_its_plan_anew_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "keep").write_bytes(script("generator.components.gluster", "files", "keep.py"))
    (tmp_path / "bin").mkdir()
    findfs = tmp_path / "bin/findfs"
    findfs.write_text("#!/bin/sh\nexit 1\n")
    findfs.chmod(0o755)
    plan = "gluster\t1\nme\tn1\nformer\tn1\npeer\tn1\nbrick\twp\tn1\t/x/b/gv\t/x/b\t{}\n"
    (tmp_path / "plan").write_text(plan.format("u1"))
    environment = os.environ | {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "STOOK_GLUSTER_PLAN": str(tmp_path / "plan"),
        "STOOK_GLUSTERD_DIR": str(tmp_path),
        "STOOK_GLUSTER_PAUSE": "0.1",
    }
    command = [sys.executable, "-I", str(tmp_path / "keep")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "/x/b: waiting for its disk (UUID u1)\n"
        (tmp_path / "new").write_text(plan.format("u2"))
        (tmp_path / "new").rename(tmp_path / "plan")
        assert running.stdout.readline() == "/x/b: waiting for its disk (UUID u2)\n"
        running.terminate()
