"""What clients can do with bricks gone, by options, on the daemons of each release."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.live.site import bad, build, run, running, settled, until
from tests.outcomes import Row, odd, rows, site
from tests.pace import limit, used
from verify.lab.site import Lab

pytestmark = pytest.mark.live
NODES = ("n1", "n2", "n3")
CLIENT = "n1"
VOLUMES = ("copies", "vote", "parts")
ROWS = {row.name: row for row in rows()}
# Seconds in which a client notices that a brick is there, and copies are brought together.
BACK, HEALED = 30, 60
HEALER = "'^/usr/sbin/glusterfs .*--process-name glustershd'"


@pytest.fixture(scope="module", params=["debian-12", "debian-13"])
def pool(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("outcomes")
    build(folder, site(request.param))
    with running(folder) as made:
        yield made


def test_every_volume_is_as_the_spec_has_it(pool: Lab) -> None:
    assert not bad(settled(folder=pool.folder))
    for node in NODES:
        # it would start again what is killed here
        run(pool, node, "systemctl stop stook-gluster")


def gluster(lab: Lab, words: str) -> str:
    return run(lab, CLIENT, f"gluster --mode=script volume {words}", 90)


def connected(lab: Lab, volume: str) -> int:
    """How many bricks the client has a connection to, as the kernel has them.

    It may have two to one for a while, where the volume's description has changed.
    """
    pid = f"$(pgrep -f '^/usr/sbin/glusterfs .* /srv/{volume}$')"
    asked = "ss -Htnp state established '( dport >= :49152 )'"
    bricks = f"{asked} | grep \",pid={pid},\" | awk '{{print $4}}' | sort -u | wc -l"
    return int(run(lab, CLIENT, bricks))


def waiting(lab: Lab, volume: str) -> int:
    """How many entries of a volume's bricks are to be healed."""
    asked = f"gluster volume heal {volume} info summary | sed -n 's/^Total Number of entries: //p'"
    counts = run(lab, CLIENT, asked, 90).split()
    return sum(map(int, counts)) if all(map(str.isdigit, counts)) and len(counts) == 3 else -1


def brick(volume: str) -> str:
    """The process that serves a volume's brick, for pkill."""
    return f"'^/usr/sbin/glusterfsd .*--volfile-id {volume}[.]'"


def kill(lab: Lab, row: Row) -> None:
    for node in row.lost:
        if node in row.glusterd:
            run(lab, node, "systemctl stop glusterd")
        run(lab, node, f"pkill -KILL -f {brick(row.volume)} || ! systemctl is-active -q glusterd")


def remount(lab: Lab, row: Row) -> int:
    """To how many bricks it is connected then; there is no mount where it is refused.

    Bricks hear of an option some time after it is set.
    """
    run(lab, CLIENT, f"! mountpoint -q /srv/{row.volume} || umount /srv/{row.volume}", 90)
    lab.exec(CLIENT, f"mount /srv/{row.volume}", 90)
    return connected(lab, row.volume)


def back(lab: Lab, volume: str, question: Callable[[], bool], what: str) -> None:
    """Wait until it is so; if it never is, start what serves the volume anew, and wait again.

    Seen where a busy machine had stopped and started things: healing is refused without end (10.3),
    a new mount does not reach every brick (11.1). The end of the run names where it was so.
    """
    try:
        until(question, HEALED, what)
    except AssertionError as late:
        print(late, gluster(lab, f"status {volume}"), sep="\n")
        used(f"{what}, and had to be started anew", limit(HEALED), limit(HEALED))
        for node in NODES:
            run(lab, node, f"pkill -KILL -f {brick(volume)}; pkill -KILL -f {HEALER} || :")
        gluster(lab, f"start {volume} force")
        until(question, HEALED, f"{what}, started anew")


def _whole(lab: Lab, row: Row, volume: str) -> bool:
    again = row.remount and volume == row.volume
    return (remount(lab, row) if again else connected(lab, volume)) == 3


def _healing(lab: Lab, volume: str) -> bool:
    """Ask for healing; it is refused until the healers, too, are connected to every brick."""
    return lab.exec(CLIENT, f"gluster --mode=script volume heal {volume}", 90).code == 0


def bring_back(lab: Lab, row: Row) -> None:
    for node in row.glusterd:
        run(lab, node, "systemctl start glusterd")
    members = "gluster pool list | grep -c Connected"
    until(lambda: run(lab, CLIENT, members).strip() == "3", BACK, "the pool is whole")
    for option in row.options:
        gluster(lab, f"reset {row.volume} {option}")
    if "cluster.quorum-type" in row.options:
        gluster(lab, f"set {row.volume} cluster.quorum-type auto")
    if "cluster.server-quorum-type" in row.options:
        gluster(lab, f"set {row.volume} cluster.server-quorum-type none")
    # a glusterd takes the bricks of all volumes along, and does not always bring them back
    for volume in VOLUMES if row.glusterd else (row.volume,):
        gluster(lab, f"start {volume} force")
    for volume in VOLUMES if row.glusterd else (row.volume,):
        back(lab, volume, partial(_whole, lab, row, volume), f"{volume} is whole")


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_clients_read_and_write_as_predicted(pool: Lab, row: Row) -> None:
    file = f"/srv/{row.volume}/{row.name.replace(' ', '-')}"
    run(pool, CLIENT, f"echo text > {file}")
    for option, value in row.options.items():
        gluster(pool, f"set {row.volume} {option} {value}")
    try:
        kill(pool, row)
        none = row.glusterd or (row.remount and not row.read)
        left = 0 if none else 3 - len(row.lost)
        count = remount if row.remount else lambda lab, row: connected(lab, row.volume)
        until(lambda: count(pool, row) == left, BACK, "the client has noticed")
        read = pool.exec(CLIENT, f"cat {file}", 60)
        there = f"mountpoint -q /srv/{row.volume}"
        wrote = pool.exec(CLIENT, f"{there} && echo more > {file}", 60)
        made = pool.exec(CLIENT, f"{there} && echo new > {file}-new", 60)
        can = (row.read, row.write, row.write or row.create)
        assert tuple(one.code == 0 for one in (read, wrote, made)) == can, (read, wrote, made)
        assert not row.read or read.out == "text\n"
        if not row.heals:
            gluster(pool, f"start {row.volume} force")
            until(lambda: connected(pool, row.volume) == 3, BACK, "its brick is back")
            assert waiting(pool, row.volume) > 0
    finally:
        bring_back(pool, row)
    if row.write and row.lost:
        asked = partial(_healing, pool, row.volume)
        back(pool, row.volume, asked, f"healing of {row.volume} is begun")
        until(lambda: waiting(pool, row.volume) == 0, HEALED, f"{row.volume} is healed")


@pytest.mark.parametrize("platform", ["debian-12", "debian-13"])
def test_an_odd_pool_is_as_its_spec_has_it(platform: str, tmp_path: Path) -> None:
    """With IPv6 alone, a member without a brick, a client that is no member, and no healing."""
    build(tmp_path, odd(platform))
    with running(tmp_path) as lab:
        assert not bad(settled("--active", folder=tmp_path))
        run(lab, "n1", "echo text > /srv/copies/f && echo text > /srv/vote/f")
        assert run(lab, "n4", "cat /srv/copies/f /srv/vote/f") == "text\ntext\n"
        # root on a client can read the volume, and is nobody to the pool
        run(lab, "c1", "cat /srv/copies/f && ! pgrep -x glusterd")
        assert lab.exec("c1", "gluster --remote-host=n1 volume set copies user.x y", 60).code
        assert "user.x" not in run(lab, "n1", "gluster volume info copies")
        lab.kill("n2")
        assert run(lab, "c1", "cat /srv/copies/f", 90) == "text\n"
        assert run(lab, "n4", "cat /srv/copies/f /srv/vote/f", 90) == "text\ntext\n"
