"""What the scripts of the node read out of gluster's own answers, and out of their plan."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from generator.components.gluster.files import cluster, node
from generator.components.gluster.files.cluster import Peer, parse_answer
from generator.components.gluster.files.plan import Brick, Client, Option, Volume, parse_plan

SAMPLES = Path(__file__).parents[1] / "samples"
BUSY = "Another transaction is in progress for wp. Please try again after some time."


def sample(name: str) -> cluster.Answer:
    return parse_answer((SAMPLES / f"gluster-10.3-{name}").read_text())


def test_the_shape_of_a_volume() -> None:
    info = sample("volume-info.xml")
    assert (info.ok, info.leaf("name"), info.leaf("status")) == (True, "wp", "1")
    assert info.bricks == [f"node-gfs{n}:/glusterfs/bricks/brick1/gv" for n in (1, 2, 3)]
    assert info.options["network.inode-lru-limit"] == "200000"
    counts = [info.leaf(f"{name}Count") for name in ("replica", "arbiter", "disperse")]
    assert counts == ["3", "0", "0"]


def test_peers_have_all_their_names() -> None:
    (peer,) = sample("peer-disconnected.xml").peers
    uuid = "2de9d335-998a-46f8-ba95-b902765c2564"
    assert peer == Peer(uuid, ("node-gfs2", "node-gfs2"), connected=False, state="3")


def test_bricks_that_are_not_online() -> None:
    assert sample("volume-status.xml").offline == []
    text = (SAMPLES / "gluster-10.3-volume-status.xml").read_text()
    down = text.replace("<status>1</status>", "<status>0</status>", 1)
    assert parse_answer(down).offline == ["node-gfs1:/glusterfs/bricks/brick1/gv"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("no-volume.xml", "Volume does not exist"),
        ("not-started.xml", "Volume wp is not started"),
        ("no-daemon.txt", "Connection failed. Please check if gluster daemon is operational."),
    ],
)
def test_a_refusal_says_why(name: str, error: str) -> None:
    answer = sample(name)
    assert (answer.ok, answer.error, answer.busy) == (False, error, False)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "<cliOutput><opRet>-1</opRet><opErrstr>Staging failed on a.\nStaging failed on b."
            "</opErrstr></cliOutput>",
            "Staging failed on a. Staging failed on b.",
        ),
        ("<cliOutput><opRet>-1</opRet><output>a &lt; b\nc</output></cliOutput>", "a < b"),
        ("<cliOutput><opRet>0</opRet", "<cliOutput><opRet>0</opRet"),
        ("<cliOutput><a></b></cliOutput>", "<cliOutput><a></b></cliOutput>"),
        ("", ""),
    ],
)
def test_an_error_is_one_line(text: str, error: str) -> None:
    answer = parse_answer(text)
    assert (answer.ok, answer.error, answer.peers, answer.offline) == (False, error, [], [])
    assert (answer.bricks, answer.options, answer.leaf("uuid")) == ([], {}, "")


def test_warnings_around_the_answer_are_no_part_of_it() -> None:
    assert parse_answer("warning: x\n<cliOutput><opRet>0</opRet></cliOutput>\nend").ok


@pytest.mark.parametrize(("tries", "asked"), [(1, 1), (3, 3)])
def test_a_busy_cluster_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, tries: int, asked: int
) -> None:
    text = f"<cliOutput><opRet>-1</opRet><opErrstr>{BUSY}</opErrstr></cliOutput>"
    calls: list[tuple[str, ...]] = []

    def gluster(limit: int, *words: str) -> node.Done:
        calls.append((str(limit), *words))
        return node.Done(0, text)

    monkeypatch.setattr(cluster, "gluster", gluster)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert cluster.ask("volume", "info", tries=tries).busy
    assert calls == [("130", "volume", "info", "--xml")] * asked


def test_a_plan_is_read_by_its_verbs() -> None:
    plan = parse_plan(
        "gluster\t1\nme\ta\nformer\tb\npeer\ta\npeer\tb\nvolume\twp\treplicate\t3\t1\t0\t0\n"
        "volume\tec\tdisperse\t0\t0\t6\t2\nvolume\td\tdistribute\t0\t0\t0\t0\n"
        "brick\twp\ta\t/b/gv\t/b\tu1\noption\tall\tcluster.x\ta b\nclient\twp\t/var/www/html\n"
    )
    assert (plan.me, plan.bootstrap_node, plan.peers, plan.is_server) == (
        "a",
        "b",
        ("a", "b"),
        True,
    )
    assert plan.volumes[0] == Volume("wp", "replicate", 3, 1, 0, 0)
    assert [volume.set_size for volume in plan.volumes] == [3, 6, 1]
    assert plan.bricks_of("wp") == [Brick("wp", "a", "/b/gv", "/b", "u1")]
    assert plan.bricks_of("wp")[0].address == "a:/b/gv"
    assert plan.options == (Option("all", "cluster.x", "a b"),)
    assert plan.clients == (Client("wp", "/var/www/html"),)


def test_a_pool_of_ipv6_addresses_is_asked_so() -> None:
    plan = "gluster\t1\nme\tc\nformer\ta\n"
    assert parse_plan(plan).family_words == []
    assert parse_plan(f"{plan}family\tinet6\n").family_words == ["--inet6"]


def test_a_pure_client_is_no_server() -> None:
    assert not parse_plan("gluster\t1\nme\tc\nformer\ta\n").is_server


def test_a_command_ends_and_says_all_it_said() -> None:
    done = node.run(5, "sh", "-c", "echo out; echo err >&2; echo $LC_ALL; exit 3")
    assert done == node.Done(3, "out\nerr\nC")
    assert node.run(1, "sleep", "30").code == 124
    assert node.run(5, "no-such-command").code == 127


def test_mounts_are_read_off_the_kernels_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "self").mkdir()
    table = (SAMPLES / "debian-12-mountinfo.txt").read_text()
    (tmp_path / "self/mountinfo").write_text(f"{table}1 1 0:1 / /a\\040b rw - xfs x rw\n")
    monkeypatch.setattr(node, "PROC", str(tmp_path))
    assert node.mounted("/a b")
    assert not node.mounted("/a")


def test_a_process_is_known_by_an_argument_of_its_own() -> None:
    with subprocess.Popen(["sleep", "30.2571"]) as process:
        try:
            # its name is its own a moment after it runs
            deadline = time.monotonic() + 10
            while not node.process("sleep", "30.2571"):
                assert time.monotonic() < deadline
            assert not node.process("sleep", "30.25")
        finally:
            process.kill()


def test_only_an_empty_mark_is_cleared(tmp_path: Path) -> None:
    for name in ("empty", "served", "data"):
        (tmp_path / name / ".glusterfs").mkdir(parents=True)
    (tmp_path / "served/.glusterfs/00").mkdir()
    (tmp_path / "data/file").write_text("x")
    assert node.only_marked(str(tmp_path / "empty"))
    assert node.only_marked(str(tmp_path / "served"))
    assert not node.only_marked(str(tmp_path / "data"))
    assert node.unmark(str(tmp_path / "empty"))
    assert not node.unmark(str(tmp_path / "served"))
    assert (tmp_path / "served/.glusterfs/00").exists()


def test_only_a_line_feed_ends_a_line_of_the_plan() -> None:
    (one,) = parse_plan("me\tn1\nformer\tn1\noption\twp\tauth.allow\ta\u2028b\x85c\x0cd\n").options
    assert one == Option("wp", "auth.allow", "a\u2028b\x85c\x0cd")
