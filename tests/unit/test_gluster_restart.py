"""`gluster-restart` against a make-believe gluster: when it restarts, waits and refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.components.gluster.files import restart
from generator.components.gluster.files.cluster import parse_answer
from generator.components.gluster.files.plan import parse_plan
from generator.rendering.scripts import script
from tests.pace import limit

PLAN = (
    "gluster\t1\nme\t{}\nformer\ta\nvolume\twp\treplicate\t2\t0\t0\t0\n"
    "brick\twp\ta\t/b/gv\t/b\tu1\nbrick\twp\tb\t/b/gv\t/b\tu2\n"
    "brick\twp\tc\t/b/gv\t/b\tu3\nbrick\twp\td\t/b/gv\t/b\tu4\n"
)
STATUS = (
    "<cliOutput><opRet>0</opRet><node><hostname>b</hostname><path>/b/gv</path>"
    "<status>{}</status></node><node><hostname>Self-heal Daemon</hostname><path>localhost</path>"
    "<status>0</status></node></cliOutput>"
)
HEAL = "<cliOutput><brick><numberOfEntries>{}</numberOfEntries></brick><opRet>0</opRet></cliOutput>"
TOOL = """#!/bin/sh
echo "${0##*/} $*" >>"$ANSWERS/calls"
case "$*" in *is-active*) [ ! -e "$ANSWERS/inactive" ] ;; *status*) cat "$ANSWERS/status" ;;
    *heal*) cat "$ANSWERS/heal" ;; *restart*) [ ! -e "$ANSWERS/broken" ] ;; esac
"""


@dataclass
class Node:
    """A node with a volume of its own, whose glusterd takes notes."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def restart(self, looks: int = 2) -> tuple[int, str]:
        environment = os.environ | {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "ANSWERS": str(self.folder),
            "STOOK_GLUSTER_PLAN": str(self.folder / "plan"),
            "STOOK_GLUSTERD_DIR": str(self.folder / "glusterd"),
            "STOOK_GLUSTER_LOOKS": str(looks),
            "STOOK_GLUSTER_PAUSE": "0",
            "STOOK_GLUSTER_TURN": "0",
        }
        file = self.folder / "restart"
        file.write_bytes(script("generator.components.gluster", "files", "restart.py"))
        done = subprocess.run(
            [sys.executable, "-I", str(file)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit(60),
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def restarted(self) -> int:
        return (self.folder / "calls").read_text().count("systemctl restart glusterd\n")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = Node(tmp_path)
    for name in ("gluster", "systemctl"):
        made.write(f"bin/{name}", TOOL).chmod(0o755)
    made.write("plan", PLAN.format("a"))
    made.write("glusterd/vols/wp/info", "type=2\nstatus=1\n")
    made.write("status", STATUS.format(1))
    made.write("heal", HEAL.format(0))
    return made


def test_a_healthy_volume_is_restarted_at_once(node: Node) -> None:
    assert (node.restart(), node.restarted) == ((0, ""), 1)


def test_the_second_of_a_set_takes_its_turn(node: Node) -> None:
    node.write("plan", PLAN.format("b"))
    said = "glusterd is restarted in 0 seconds: the other nodes take their turn\n"
    assert (node.restart(), node.restarted) == ((0, said), 1)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("status", STATUS.format(0), "wp has bricks that are not online: b:/b/gv"),
        ("heal", HEAL.format(7), "wp has 7 entries to heal"),
        ("heal", HEAL.format("-"), "wp has an unknown number of entries to heal"),
        (
            "status",
            "<cliOutput><opRet>-1</opRet><opErrstr>Locking failed</opErrstr></cliOutput>",
            "the bricks of wp cannot be asked for: Locking failed ",
        ),
        (
            "heal",
            "<cliOutput><opRet>-1</opRet><opErrstr>no</opErrstr></cliOutput>",
            "wp cannot be asked what it heals: no",
        ),
    ],
)
def test_what_it_would_cost_somebody_is_refused(node: Node, name: str, text: str, why: str) -> None:
    node.write(name, text)
    said = f"waiting: {why}\nglusterd is NOT restarted: {why}\n"
    assert (node.restart(), node.restarted) == ((1, said), 0)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("inactive", ""),
        ("glusterd/vols/wp/info", "type=0\nstatus=1\n"),
        ("glusterd/vols/wp/info", "type=2\nstatus=2\n"),
    ],
)
def test_what_cannot_be_hurt_is_not_waited_for(node: Node, path: str, text: str) -> None:
    node.write(path, text)
    if path != "inactive":
        node.write("status", STATUS.format(0))
    assert (node.restart()[0], node.restarted) == (0, 1)


def test_a_failed_restart_is_said(node: Node) -> None:
    node.write("broken", "")
    said = "glusterd is NOT restarted: systemctl restart failed: journalctl -u glusterd\n"
    assert node.restart() == (1, said)


@pytest.mark.parametrize(("me", "turn"), [("a", 0), ("b", 1), ("c", 0), ("d", 1), ("client", 0)])
def test_nodes_of_one_set_have_different_turns(me: str, turn: int) -> None:
    assert restart.turn(parse_plan(PLAN.format(me))) == turn


def test_entries_are_summed_over_bricks() -> None:
    two = HEAL.format(1).replace("</brick>", "</brick><numberOfEntries>2</numberOfEntries>")
    assert restart.to_heal(parse_answer(two)) == "3"
    assert restart.to_heal(parse_answer("<cliOutput/>")) == "0"
