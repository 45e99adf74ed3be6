"""A healthy cluster of Ceph: any one machine may fail, as planned, and no second monitor."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live.cluster import ASK, quorum
from tests.live.site import (
    ROOT,
    bad,
    fault_groups,
    run,
    running,
    settled,
    shows_exactly,
    until,
    verify,
)
from tests.pace import limit
from verify.lab.site import Lab
from verify.serialization import load_site

pytestmark = pytest.mark.live
SITE = ROOT / "bundles/ceph-three"
GROUPS = fault_groups(SITE)
MONS = [f"ceph-mon-0{number}" for number in (1, 2, 3)]
# What waits is given up after so many seconds; what is served is served at once.
PATIENCE = 8
UNDERSIZED = {"active", "undersized", "degraded"}


DIES = """
import cephfs, os, signal
files = cephfs.LibCephFS(conffile="/etc/ceph/ceph.conf", auth_id="admin")
files.mount(filesystem_name=b"files")
os.kill(os.getpid(), signal.SIGKILL)
"""

# client.reports in its folder, and outside of it; exit code 0 where it may write.
WRITES_FILE = """
import cephfs, os, sys
files = cephfs.LibCephFS(conffile="/etc/ceph/ceph.conf", auth_id=sys.argv[1])
try:
    files.mount(mount_root=sys.argv[2].encode(), filesystem_name=b"files")
    if sys.argv[3] == "folder":
        files.mkdir("/reports", 0o755)
    else:
        files.close(files.open("/seen", "w", 0o644))
        files.unlink("/seen")
    files.unmount()
except cephfs.ObjectExists:
    pass
except cephfs.Error as error:
    print(error)
    os._exit(1)
os._exit(0)
"""


@pytest.fixture(scope="module")
def three() -> Iterator[Lab]:
    with running(SITE) as lab:
        yield lab


def ask(lab: Lab, words: str) -> Any:
    """What the cluster answers; nothing while monitors elect one of them."""
    done = lab.exec(MONS[0], f"{ASK} {words} 2>/dev/null", 20)
    return json.loads(done.out) if done.code == 0 else {}


def planned(down: str) -> list[bool]:
    """What the plan says of writes with something down, in each of its rows."""
    rows = json.loads((SITE / "site.json").read_text())["predictions"]
    found = [bool(row["write"]) for row in rows if row["down"] == down]
    assert found, down
    return found


def writes(lab: Lab, pool: str = "rbd", node: str = MONS[0]) -> bool:
    """Whether an object can be written, or waits."""
    patience = int(limit(PATIENCE))
    put = f"echo x | timeout {patience} rados -p {pool} put stook-live - || exit 75"
    return lab.exec(node, put, PATIENCE + 10).code == 0


def served(lab: Lab, down: str) -> None:
    """With something down, what is written is what the plan has said."""
    for pool in ("rbd", "files-metadata", "files-data"):
        assert all(planned(down)) == writes(lab, pool), (down, pool)


def active(lab: Lab) -> set[str]:
    """The metadata servers that serve."""
    maps = [one["mdsmap"]["info"] for one in ask(lab, "fs dump").get("filesystems", ())]
    servers = [info for found in maps for info in found.values()]
    return {info["name"] for info in servers if info["state"] == "up:active"}


def up(lab: Lab) -> int:
    return int(ask(lab, "osd stat").get("num_up_osds", -1))


def states(lab: Lab) -> list[set[str]]:
    """The words of the state of each placement group."""
    groups = ask(lab, "pg dump pgs_brief").get("pg_stats", ())
    return [set(group["state"].split("+")) for group in groups]


def clean(lab: Lab) -> bool:
    found = states(lab)
    return bool(found) and all({"active", "clean"} <= words for words in found)


def undersized(lab: Lab) -> bool:
    found = states(lab)
    return bool(found) and all({"active", "undersized"} <= words <= UNDERSIZED for words in found)


def test_it_is_healthy(three: Lab) -> None:
    assert not bad(settled("--active", folder=SITE))
    # how full the disk is that all monitors of a lab share is not Ceph's to say
    health = json.loads(run(three, MONS[0], f"{ASK} health"))
    # and `ceph_health` takes slow operations of monitors alone, which a busy machine brings
    assert set(health["checks"]) <= {"MON_DISK_LOW", "SLOW_OPS"}


def test_its_service_specification_is_read_by_cephs_own_reader(three: Lab) -> None:
    """Only read: cephadm itself is not run here."""
    text = base64.b64encode((SITE / "cephadm.yaml").read_bytes()).decode()
    script = f"""
import base64, yaml
from ceph.deployment.hostspec import HostSpec
from ceph.deployment.service_spec import ServiceSpec
for one in yaml.safe_load_all(base64.b64decode("{text}")):
    if not one:
        continue
    if one["service_type"] == "host":
        print("host", HostSpec.from_json(one).hostname)
    else:
        spec = ServiceSpec.from_json(one)
        spec.validate()
        print(spec.service_name(), *(str(h.hostname) for h in spec.placement.hosts))
"""
    said = run(three, MONS[0], f"python3 - <<'END'\n{script}\nEND").splitlines()
    stores = [f"ceph-stor-0{number}" for number in (1, 2, 3)]
    assert said == [
        *(f"host {name}" for name in (*MONS, *stores)),
        f"mon {' '.join(MONS)}",
        f"mgr {' '.join(MONS[:2])}",
        f"mds.files {' '.join(MONS[1:])}",
        f"rgw.default {' '.join(MONS[1:])}",
        *(f"osd.{name} {name}" for name in stores),
    ]


def test_a_client_may_do_what_its_rights_say_and_no_more(three: Lab) -> None:
    """As the account that its key is of, on a node with no other key."""
    node, key = "ceph-stor-01", "/etc/ceph/ceph.client.backup.key"
    own = "setpriv --reuid=backup --regid=backup --clear-groups timeout 20 "
    assert writes(three)
    assert run(three, node, f"{own} rados -n client.backup -p rbd get stook-live -") == "x\n"
    refused = three.exec(node, f"echo y | {own} rados -n client.backup -p rbd put stook-y -", 30)
    assert refused.code != 0 and "not permitted" in refused.err, refused
    run(three, node, f"{own} rbd -n client.backup -p rbd ls")
    assert three.exec(node, f"setpriv --reuid=nobody --clear-groups cat {key}", 10).code != 0
    assert three.exec(node, f"{own} rados -n client.backup -p files-data ls", 30).code != 0


def test_a_client_of_files_stays_in_its_folder(three: Lab) -> None:
    def may(node: str, *words: str) -> bool:
        script = f"timeout 40 python3 - {' '.join(words)} <<'END'\n{WRITES_FILE}\nEND"
        return three.exec(node, script, 50).code == 0

    assert may(MONS[0], "admin", "/", "folder")
    assert may("ceph-stor-02", "reports", "/reports", "file")
    assert not may("ceph-stor-02", "reports", "/", "file")
    assert not may("ceph-stor-01", "reports", "/reports", "file")


@pytest.mark.parametrize("name", GROUPS)
def test_faults_turn_exactly_their_checks_red(
    name: str, three: Lab, record_property: Callable[[str, object], None]
) -> None:
    shows_exactly(three, GROUPS[name], record_property)


def test_a_metadata_server_takes_over(three: Lab) -> None:
    (lost,) = active(three)
    (spare,) = set(MONS[1:]) - {lost}
    assert planned(f"mds on {lost}") == [True]
    run(three, lost, f"systemctl stop ceph-mds@{lost}")
    until(lambda: active(three) == {spare}, 40, "the other metadata server has taken over")
    run(three, lost, f"systemctl start ceph-mds@{lost}")


def test_what_asks_for_a_file_is_not_held_up_by_what_asked_before(three: Lab) -> None:
    """A client that dies is waited for, and would be again if those that wait were ended."""
    patience = "ceph fs set files session_timeout"
    run(three, MONS[0], f"{patience} 30")
    assert "Killed" in three.exec(MONS[0], f"python3 - <<'END'\n{DIES}END", 60).err
    report = verify("--active", "--only", "*/ceph_file/*", folder=SITE)
    assert not bad(report)
    run(three, MONS[0], f"{patience} 60")


def test_a_gateway_may_fail(three: Lab) -> None:
    lost, other = MONS[1:]
    assert planned(f"rgw on {lost}") == [True]
    run(three, lost, f"systemctl stop ceph-radosgw@rgw.{lost}")
    assert not bad(verify("--no-wait", "--only", f"{other}/http/gateway", folder=SITE))
    report = verify("--no-wait", "--active", "--only", "*/ceph_gateway/*", folder=SITE)
    assert "refused" in bad(report)[f"{MONS[0]}/ceph_gateway/all"]
    run(three, lost, f"systemctl start ceph-radosgw@rgw.{lost}")


def test_a_monitor_of_three_may_fail_and_no_second_one(three: Lab) -> None:
    (serving,) = active(three)
    (lost,) = set(MONS[1:]) - {serving}
    three.kill(lost)
    until(lambda: quorum(three) == set(MONS) - {lost}, 40, "two monitors go on")
    served(three, f"node {lost}")
    assert active(three) == {serving}
    three.kill(serving)
    assert planned("2 of 3 monitors") == [False]
    # the last one goes on until its lease is over
    until(lambda: not writes(three), 30, "without a quorum nothing is served")
    for name in (lost, serving):
        three.start(name)
    until(lambda: quorum(three) == set(MONS), 60, "three monitors again")
    until(lambda: len(active(three)) == 1, 120, "the file system is served again")


# How long the slowest of many small writes to a pool took, in seconds: all its groups in turn.
WRITES = """import rados, time
cluster = rados.Rados(conffile="/etc/ceph/ceph.conf")
cluster.connect()
pool, slowest, number = cluster.open_ioctx("rbd"), 0.0, 0
end = time.monotonic() + {seconds}
while (begun := time.monotonic()) < end:
    pool.write_full("stook-live-%d" % (number % 128), b"x")
    slowest, number = max(slowest, time.monotonic() - begun), number + 1
print(slowest)"""


def test_a_storage_node_that_is_shut_down_takes_its_leave(three: Lab) -> None:
    lost = "ceph-stor-03"
    rows = load_site(SITE / "site.json").predictions
    bounds = {row.stall_seconds for row in rows if row.down == f"shutdown of {lost}" and row.write}
    silent = {row.stall_seconds for row in rows if row.down == f"node {lost}"}
    assert max(bounds) < min(silent)
    script = WRITES.format(seconds=limit(15))
    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(run, three, MONS[0], f"python3 -c '{script}'", int(limit(15)) + 60)
        three.shutdown(lost)
        slowest = float(writer.result())
    print(f"the slowest write took {slowest:.2f} s, {bounds} s were predicted at the most")
    assert slowest < max(bounds) + limit(2)
    three.start(lost)
    until(lambda: up(three) == 3 and clean(three), 60, "all is clean")


def test_a_storage_node_may_fail(three: Lab) -> None:
    three.kill("ceph-stor-02")
    until(lambda: up(three) == 2, 60, "its OSD is seen to be down")
    served(three, "node ceph-stor-02")
    until(lambda: undersized(three), 30, "every group goes on with the two others")
    assert not bad(verify("--active", "--only", "*/ceph_gateway/*", folder=SITE))
    three.start("ceph-stor-02")
    until(lambda: up(three) == 3 and clean(three), 60, "all is clean")


def test_power_fails_everywhere_and_comes_back(three: Lab) -> None:
    for name in three.names:
        three.kill(name)
    for name in three.names:
        three.start(name)
    three.wait_booted(three.names)
    assert not bad(settled("--active", folder=SITE))
    assert run(three, MONS[0], "rados -p rbd get stook-live -") == "x\n"
