"""`gluster-form` against a make-believe `gluster`: what it adds, awaits and leaves to people."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from generator.rendering.scripts import script
from tests.pace import limit

FORM = script("generator.components.gluster", "files", "form.py")

OURS, SECOND, THIRD = (f"{n}0000000-0000-4000-8000-000000000000" for n in (1, 2, 3))
OTHER = "90000000-0000-4000-8000-000000000000"

PLAN = """\
gluster	1
me	node-gfs1
former	node-gfs1
peer	node-gfs1
peer	node-gfs2
volume	wp	replicate	2	0	0	0
brick	wp	node-gfs1	/bricks/b1/gv	/bricks/b1	u1
brick	wp	node-gfs2	/bricks/b1/gv	/bricks/b1	u2
option	wp	cluster.quorum-type	auto
"""

# Answers are files named after the call, words joined by `_`; a call with none is a failure.
GLUSTER = """#!/bin/sh
shift
name=$(printf '%s' "$*" | sed 's/ --xml$//; s/--remote-host=//' | tr ' /' '_-')
printf '%s\\n' "$*" >>"$ANSWERS/calls"
once=$ANSWERS/$name.once
if [ -e "$once" ]; then cat "$once"; rm "$once"; exit 0; fi
if [ -e "$ANSWERS/$name" ]; then cat "$ANSWERS/$name"; exit 0; fi
echo '<cliOutput><opRet>-1</opRet>'
echo '<opErrstr>no answer</opErrstr></cliOutput>'
"""


def peer(uuid: str, name: str, *, connected: int = 1, state: int = 3) -> str:
    return (
        f"<peer>\n<uuid>{uuid}</uuid>\n<hostname>{name}</hostname>\n<hostnames>\n"
        f"<hostname>{name}</hostname>\n</hostnames>\n<connected>{connected}</connected>\n"
        f"<state>{state}</state>\n</peer>\n"
    )


def volume(status: int = 1, options: str = "", second: str = "node-gfs2") -> str:
    bricks = "".join(
        f'<brick uuid="x">{n}:/bricks/b1/gv<name>{n}:/bricks/b1/gv</name></brick>\n'
        for n in ("node-gfs1", second)
    )
    return (
        f"<volume>\n<name>wp</name>\n<status>{status}</status>\n<replicaCount>2</replicaCount>\n"
        "<arbiterCount>0</arbiterCount>\n<disperseCount>0</disperseCount>\n"
        f"<redundancyCount>0</redundancyCount>\n{bricks}<options>\n{options}</options>\n</volume>\n"
    )


AUTO = "<option>\n<name>cluster.quorum-type</name>\n<value>auto</value>\n</option>\n"
CREATE = "volume_create_wp_replica_2_node-gfs1:-bricks-b1-gv_node-gfs2:-bricks-b1-gv"


@dataclass
class Pool:
    """The answers that `gluster` gives, and the calls that it got."""

    path: Path
    plan: str = PLAN
    calls: list[str] = field(default_factory=list)

    def answer(self, name: str, body: str = "", *, ret: int = 0, error: str = "") -> None:
        self._write(name, body, ret, error)

    def _write(self, name: str, body: str, ret: int, error: str) -> None:
        (self.path / name).write_text(
            f"<cliOutput>\n<opRet>{ret}</opRet>\n<opErrstr>{error}</opErrstr>\n{body}</cliOutput>\n"
        )

    def form(self, looks: int = 1) -> tuple[int, str]:
        """Run the script; its exit code and all it says."""
        command = self.path / "bin" / "gluster"
        command.parent.mkdir(exist_ok=True)
        command.write_text(GLUSTER)
        command.chmod(0o755)
        form = self.path / "form"
        form.write_bytes(FORM)
        plan = self.path / "plan"
        plan.write_text(self.plan)
        environment = {
            "PATH": f"{command.parent}:{os.environ['PATH']}",
            "ANSWERS": str(self.path),
            "STOOK_GLUSTER_PLAN": str(plan),
            "STOOK_GLUSTER_LOOKS": str(looks),
            "STOOK_GLUSTER_PAUSE": "0",
        }
        run = subprocess.run(
            [sys.executable, "-I", str(form)],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=limit(60),
            check=False,
        )
        log = self.path / "calls"
        self.calls = log.read_text().splitlines() if log.exists() else []
        return run.returncode, run.stdout + run.stderr

    def changed(self) -> list[str]:
        """The calls that change something."""
        verbs = ("peer probe", "volume create", "volume start", "volume set")
        return [call.removesuffix(" --xml") for call in self.calls if call.startswith(verbs)]


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    """A pool that is formed, as this node and the second one tell it."""
    made = Pool(tmp_path)
    made.answer("system::_uuid_get", f"<uuid>{OURS}</uuid>\n")
    made.answer("peer_status", peer(SECOND, "node-gfs2"))
    made.answer("node-gfs2_system::_uuid_get", f"<uuid>{SECOND}</uuid>\n")
    made.answer("node-gfs2_peer_status", peer(OURS, "node-gfs1"))
    made.answer("volume_info_wp", volume(options=AUTO))
    return made


@pytest.fixture
def fresh(pool: Pool) -> Pool:
    """Two nodes that do not know each other yet."""
    pool.answer("peer_status.once", "")
    pool.answer("node-gfs2_peer_status", "")
    pool.answer("node-gfs2_volume_info", "<count>0</count>\n")
    pool.answer("peer_probe_node-gfs2")
    return pool


def test_a_formed_pool_is_left_as_it_is(pool: Pool) -> None:
    assert pool.form() == (0, "the pool and its volumes are as planned\n")
    assert pool.changed() == []


def test_a_new_peer_is_probed_by_its_name(fresh: Pool) -> None:
    code, said = fresh.form()
    assert (code, fresh.changed()) == (0, ["peer probe node-gfs2"])
    assert "node-gfs2 joins the pool" in said


def test_a_volume_is_created_started_and_set(pool: Pool) -> None:
    pool.answer("volume_info_wp.once", ret=-1, error="Volume wp does not exist")
    pool.answer("volume_info_wp", volume(status=0))
    pool.answer(CREATE)
    pool.answer("volume_start_wp")
    pool.answer("volume_set_wp_cluster.quorum-type_auto")
    assert pool.form()[0] == 0
    bricks = "node-gfs1:/bricks/b1/gv node-gfs2:/bricks/b1/gv"
    assert pool.changed() == [
        f"volume create wp replica 2 {bricks}",
        "volume start wp",
        "volume set wp cluster.quorum-type auto",
    ]


def test_a_silent_peer_is_waited_for_and_named_once(fresh: Pool) -> None:
    (fresh.path / "node-gfs2_system::_uuid_get").unlink()
    fresh.answer("peer_status", "")
    fresh.answer("volume_info_wp", ret=-1, error="Volume wp does not exist")
    code, said = fresh.form(looks=3)
    assert (code, fresh.changed()) == (1, [])
    assert said.count("waiting for glusterd on: node-gfs2") == 1
    assert said.count("volume wp waits for node-gfs2") == 1


def test_a_member_that_is_down_holds_up_nothing(pool: Pool) -> None:
    (pool.path / "node-gfs2_system::_uuid_get").unlink()
    pool.answer("peer_status", peer(SECOND, "node-gfs2", connected=0))
    assert pool.form()[0] == 0


def test_a_busy_cluster_is_asked_again(pool: Pool) -> None:
    pool.answer("volume_info_wp", volume())
    busy = "Another transaction is in progress for wp. Please try again after some time."
    pool.answer("volume_set_wp_cluster.quorum-type_auto.once", ret=-1, error=busy)
    pool.answer("volume_set_wp_cluster.quorum-type_auto")
    assert pool.form()[0] == 0
    assert pool.changed() == ["volume set wp cluster.quorum-type auto"] * 2


TWO = PLAN + "option\twp\tperformance.cache-size\t64MB\n"
SET_BOTH = "volume set wp cluster.quorum-type auto performance.cache-size 64MB"


def test_options_of_a_volume_are_set_at_once(pool: Pool) -> None:
    pool.plan = TWO
    pool.answer("volume_info_wp", volume())
    pool.answer(SET_BOTH.replace(" ", "_"))
    code, said = pool.form()
    assert (code, pool.changed()) == (0, [SET_BOTH])
    assert "cluster.quorum-type is set to auto" in said and "cache-size is set to 64MB" in said


def test_where_one_is_refused_the_others_are_set(pool: Pool) -> None:
    pool.plan = TWO
    pool.answer("volume_info_wp", volume())
    error = "option : performance.cache-size does not exist"
    pool.answer(SET_BOTH.replace(" ", "_"), ret=-1, error=error)
    pool.answer("volume_set_wp_cluster.quorum-type_auto")
    pool.answer("volume_set_wp_performance.cache-size_64MB", ret=-1, error=error)
    code, said = pool.form()
    assert code == 3 and "performance.cache-size = 64MB" in said
    assert pool.changed()[1:] == [
        "volume set wp cluster.quorum-type auto",
        "volume set wp performance.cache-size 64MB",
    ]


@pytest.mark.parametrize(
    "error",
    [
        "option quorum-type auto: 'auto' is not valid (possible options are none, fixed.)",
        "option : cluster.quorum-type does not exist",
        "Not a valid option for single volume",
        "'2' in 'option heal-timeout 2' is out of range [5 - 2147483647]",
    ],
)
def test_an_option_that_is_never_taken_is_left_to_a_person(pool: Pool, error: str) -> None:
    pool.answer("volume_info_wp", volume())
    pool.answer("volume_set_wp_cluster.quorum-type_auto", ret=-1, error=error)
    code, said = pool.form()
    assert code == 3 and pool.changed() == ["volume set wp cluster.quorum-type auto"]
    assert "STOPPED, all else is as planned" in said and error in said


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("node-gfs2_peer_status", peer(OTHER, "elsewhere"), "another pool (elsewhere)"),
        ("node-gfs2_volume_info", "<name>old</name>\n", "volumes of its own (old)"),
    ],
)
def test_a_peer_that_belongs_elsewhere_stops_it_before_any_is_probed(
    fresh: Pool, name: str, body: str, message: str
) -> None:
    fresh.plan += "peer\tnode-gfs3\n"
    fresh.answer("node-gfs3_system::_uuid_get", f"<uuid>{THIRD}</uuid>\n")
    fresh.answer("node-gfs3_peer_status", "")
    fresh.answer("node-gfs3_volume_info", "<count>0</count>\n")
    fresh.answer(name, body)
    code, said = fresh.form()
    assert (code, fresh.changed()) == (3, [])
    assert message in said


def test_a_peer_set_up_anew_gets_the_recipe_with_its_old_identity(pool: Pool) -> None:
    pool.answer("node-gfs2_system::_uuid_get", f"<uuid>{OTHER}</uuid>\n")
    pool.answer("node-gfs2_peer_status", "")
    pool.answer("node-gfs2_volume_info", "<count>0</count>\n")
    code, said = pool.form()
    assert (code, pool.changed()) == (3, [])
    assert f"UUID={SECOND}" in said


def test_a_former_set_up_anew_gets_its_own_recipe(pool: Pool) -> None:
    pool.answer("peer_status", "")
    pool.answer("node-gfs2_peer_status", peer(OTHER, "node-gfs1") + peer(THIRD, "node-gfs3"))
    code, said = pool.form()
    assert (code, pool.changed()) == (3, [])
    assert "node-gfs1 has been set up anew" in said
    assert f"UUID={OTHER}" in said


def test_a_rejected_peer_is_left_to_a_person(pool: Pool) -> None:
    pool.answer("peer_status", peer(SECOND, "node-gfs2", state=6))
    code, said = pool.form()
    assert (code, "rejected peer" in said) == (3, True)


def test_a_volume_with_other_bricks_is_never_touched(pool: Pool) -> None:
    pool.answer("volume_info_wp", volume(second="node-gfs9"))
    code, said = pool.form()
    assert (code, pool.changed()) == (3, [])
    assert "node-gfs9:/bricks/b1/gv" in said


def test_a_brick_of_another_volume_is_left_to_a_person(pool: Pool) -> None:
    pool.answer("volume_info_wp", ret=-1, error="Volume wp does not exist")
    pool.answer(CREATE, ret=-1, error="/bricks/b1/gv is already part of a volume")
    code, said = pool.form(looks=30)
    assert (code, len(pool.changed())) == (3, 4)
    assert "setfattr -x trusted.glusterfs.volume-id" in said


def test_a_brick_disk_that_is_late_is_waited_for(pool: Pool) -> None:
    pool.answer("volume_info_wp", ret=-1, error="Volume wp does not exist")
    late = "Staging failed on node-gfs2. Error: Failed to create brick directory"
    pool.answer(CREATE, ret=-1, error=late)
    code, said = pool.form(looks=60)
    assert (code, said.count(late)) == (1, 1)
    assert len(pool.changed()) == 10


def test_another_node_than_the_former_does_nothing(pool: Pool) -> None:
    pool.plan = PLAN.replace("me\tnode-gfs1", "me\tnode-gfs2")
    assert pool.form()[0] == 0
    assert pool.calls == []


PRIVILEGED = """\
option	wp	client.bind-insecure	off
option	wp	server.allow-insecure	off
"""
SHUT = "".join(
    f"<option>\n<name>{name}</name>\n<value>off</value>\n</option>\n"
    for name in ("client.bind-insecure", "server.allow-insecure")
)


def test_what_a_running_volume_cannot_be_given_is_set_before_it_starts(pool: Pool) -> None:
    # by name they sort the other way, and bricks must not be first to refuse
    pool.plan = PLAN + "\n".join(reversed(PRIVILEGED.splitlines())) + "\n"
    pool.answer("volume_info_wp", volume(options=AUTO + SHUT))
    pool.answer("volume_info_wp.once", volume(status=0, options=AUTO))
    pool.answer("volume_set_wp_client.bind-insecure_off")
    pool.answer("volume_set_wp_server.allow-insecure_off")
    pool.answer("volume_start_wp")
    code, said = pool.form()
    assert (code, pool.changed()[-1:]) == (0, ["volume start wp"]), said


def test_a_stopped_volume_is_given_them_in_their_order(pool: Pool) -> None:
    pool.plan = PLAN + "\n".join(reversed(PRIVILEGED.splitlines())) + "\n"
    pool.answer("volume_info_wp", volume(status=2, options=AUTO))
    pool.answer("volume_set_wp_client.bind-insecure_off")
    pool.answer("volume_set_wp_server.allow-insecure_off")
    pool.answer("volume_start_wp")
    pool.form()
    assert pool.changed() == [
        "volume set wp client.bind-insecure off",
        "volume set wp server.allow-insecure off",
        "volume start wp",
    ]


def test_a_running_volume_without_them_is_left_to_a_person(pool: Pool) -> None:
    pool.plan = PLAN + PRIVILEGED + "client\twp\t/var/www/html\n"
    code, said = pool.form()
    assert (code, pool.changed()) == (3, [])
    assert "STOPPED, all else is as planned: volume wp runs" in said
    assert "    umount /var/www/html\n" in said
    assert "gluster volume stop wp" in said
