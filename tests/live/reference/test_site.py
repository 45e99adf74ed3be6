"""The reference site on real daemons: formed from its bundles alone, and through what befalls it.

The tests are one story and run in this order on one lab; each leaves the site healthy.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.live.site import ROOT, ROOTDIR, SITE, bad, mounted, run, settled, until, verify
from tests.pace import limit, multiplier
from verify.lab.site import Lab
from verify.serialization import load_site

pytestmark = pytest.mark.live
ONE, TWO, THREE = "node-gfs1", "node-gfs2", "node-gfs3"
APPLY = "/var/lib/stook/bundle/apply"


def test_it_forms_and_every_claim_holds(lab: Lab) -> None:
    report = settled("--active")
    assert not bad(report)
    assert len(report["verdicts"]) > 180
    assert report["stamps"].keys() == {ONE, TWO, THREE}


def test_the_pytest_suite_says_the_same(lab: Lab) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs"]
    command += ["verify.suite", "--stook-bundles", str(SITE), "--stook-target", "docker"]
    command += ["--stook-outside", "docker", "--stook-active"]
    command += ["--stook-timeout-multiplier", multiplier()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=limit(300))
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout and "skipped" not in done.stdout


def test_applying_again_changes_nothing(lab: Lab) -> None:
    for node in lab.names:
        run(lab, node, f"{APPLY} --check")
        before = run(lab, node, "find /etc /usr/local -newer /var/lib/stook/stamp -type f")
        pids = run(lab, node, "pgrep -x 'glusterd|glusterfsd|chronyd|firewalld' | sort")
        assert "nothing to do" in run(lab, node, APPLY, 120)
        assert run(lab, node, "find /etc /usr/local -newer /var/lib/stook/stamp -type f") == before
        assert run(lab, node, "pgrep -x 'glusterd|glusterfsd|chronyd|firewalld' | sort") == pids


def test_a_killed_node_is_not_missed_and_heals_when_it_is_back(lab: Lab) -> None:
    lab.kill(THREE)
    run(lab, ONE, f"echo while-away > {ROOTDIR}/away && rm -f {ROOTDIR}/never")
    assert run(lab, TWO, f"cat {ROOTDIR}/away") == "while-away\n"
    others = ("--no-wait", "--node", ONE, "--node", TWO)
    missing = {f"{ONE}/gluster_status/wp", f"{ONE}/gluster_peers/pool"}
    until(lambda: missing <= bad(verify(*others)).keys(), 90, f"checks miss {THREE}")
    assert f"{TWO}/mount/var/www/html" not in bad(verify(*others))
    lab.start(THREE)
    until(lambda: mounted(lab, THREE), 120, f"{THREE} mounts")
    assert run(lab, THREE, f"cat {ROOTDIR}/away") == "while-away\n"
    assert not bad(settled())
    # the copy on its own disk, not only what the mount shows
    run(lab, THREE, "cat /glusterfs/bricks/brick1/gv/away")


# How long the slowest of many small writes to the volume took, in seconds.
WRITES = """import os, time
last, slowest = time.monotonic(), 0.0
end = last + {seconds}
while last < end:
    with open("{root}/while-down", "w") as file:
        print(last, file=file, flush=True)
        os.fsync(file.fileno())
    now = time.monotonic()
    last, slowest = now, max(slowest, now - last)
    time.sleep(0.05)
print(slowest)"""


def test_a_shutdown_makes_nobody_wait_and_a_reboot_mounts_from_another(lab: Lab) -> None:
    rows = load_site(lab.folder / "site.json").predictions
    bounds = {row.component: row.stall_seconds for row in rows if row.down == f"shutdown of {TWO}"}
    assert bounds == {"gluster": 0, "web": 0}
    script = WRITES.format(seconds=limit(15), root=ROOTDIR)
    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(run, lab, ONE, f"python3 -c '{script}'", int(limit(15)) + 90)
        lab.shutdown(TWO)  # the one that node 1 asks first for the volume
        slowest = float(writer.result())
    print(f"the slowest write took {slowest:.2f} s")
    assert slowest < limit(5)
    lab.reboot(ONE)
    until(lambda: mounted(lab, ONE), 120, f"{ONE} mounts although {TWO} is down")
    run(lab, ONE, f"echo again > {ROOTDIR}/again")
    lab.start(TWO)
    until(lambda: mounted(lab, TWO), 120, f"{TWO} mounts")
    assert not bad(settled())


def test_all_three_restarted_at_once(lab: Lab) -> None:
    for node in lab.names:
        lab.kill(node)
    for node in lab.names:
        lab.start(node)
    for node in lab.names:
        until(lambda node=node: mounted(lab, node), 180, f"{node} mounts")  # type: ignore[misc]
    assert not bad(settled("--phase", "rebooted", "--active"))
    assert run(lab, TWO, f"cat {ROOTDIR}/again") == "again\n"


# A page that no cache may have, once a second: when it was asked for, and the answer's status.
VISITS = """end=$(( $(date +%s) + {seconds} ))
while [ "$(date +%s)" -lt "$end" ]; do
    echo "$(date +%s) $(curl -s -o /dev/null -m {patience} -w '%{{http_code}}' \\
        -H 'Host: www.example.com' http://{address}/wp-login.php)"
    sleep 1
done"""


def visits(lab: Lab, node: str, seconds: int) -> list[tuple[int, str]]:
    """What a visitor of a node gets for so long, with the seconds since the first visit."""
    address = load_site(SITE / "site.json").nodes[node]["addresses"]["internal"]
    script = VISITS.format(seconds=seconds, address=address, patience=int(limit(5)))
    lines = [line.split() for line in run(lab, "outside", script, seconds + 30).splitlines()]
    return [(int(when) - int(lines[0][0]), status) for when, status in lines]


def test_a_hung_node_stalls_the_others_no_longer_than_predicted(lab: Lab) -> None:
    rows = load_site(lab.folder / "site.json").predictions
    bounds = {row.component: row.stall_seconds for row in rows if row.down == f"node {THREE}"}
    bound = bounds["gluster"]
    assert bounds["web"] == bound
    run(lab, ONE, f"echo before > {ROOTDIR}/hung")
    lab.pause(THREE)
    try:
        with ThreadPoolExecutor(1) as pool:
            visitor = pool.submit(visits, lab, TWO, bound + 30)
            begun = time.monotonic()
            run(lab, ONE, f"echo after > {ROOTDIR}/hung && sync {ROOTDIR}/hung", bound + 30)
            stall = time.monotonic() - begun
            assert run(lab, TWO, f"cat {ROOTDIR}/hung", bound + 30) == "after\n"
        missed = [when for when, status in visitor.result() if status != "200"]
        print(f"stalled for {stall:.0f} s, {bound} s were predicted at the most; without a page: ")
        print(f"{len(missed)} of {len(visitor.result())} visits, the last after {missed[-1:]} s")
        assert stall < bound + limit(5)
        assert not missed or missed[-1] < bound + limit(5)
    finally:
        lab.unpause(THREE)
    # chronyd throws its samples away after such a jump, and takes minutes to gather new ones
    run(lab, THREE, "systemctl restart chrony")
    assert not bad(settled(wait=150))


def test_nothing_can_be_written_beneath_an_absent_mount(lab: Lab) -> None:
    run(lab, ONE, f"systemctl stop stook-gluster && umount {ROOTDIR}")
    try:
        assert lab.exec(ONE, f"touch {ROOTDIR}/stray").code != 0
    finally:
        run(lab, ONE, "systemctl start stook-gluster")
    until(lambda: mounted(lab, ONE), 60, f"{ONE} mounts again")
    assert run(lab, ONE, f"ls {ROOTDIR}").split() != []


def test_a_broken_bundle_is_refused_and_changes_nothing(lab: Lab) -> None:
    lab.deliver(ONE)
    times = "stat -c '%Y %n' /etc/glusterfs/glusterd.vol /etc/hosts /etc/fstab"
    before = run(lab, ONE, times)
    run(lab, ONE, "echo x >> /root/bundle/plan.tsv")
    done = lab.exec(ONE, "/root/bundle/apply", 60)
    assert done.code == 2
    assert "disagree" in done.out + done.err
    assert run(lab, ONE, times) == before
    run(lab, ONE, "rm -rf /root/bundle")


def test_a_failing_apply_restores_what_it_had_changed(lab: Lab) -> None:
    """A file that its validator refuses, in an otherwise sound bundle, is taken back."""
    lab.deliver(ONE)
    script = r"""
cd /root/bundle
printf 'ops ALL=(ALL:ALL NOPASSWD: ALL\n' > rootfs/etc/sudoers.d/stook-ops
printf '# new\n' >> rootfs/etc/chrony/chrony.conf
find . -type f ! -name SHA256SUMS ! -name manifest.json ! -name README.md ! -name '*-data' \
  | sed 's,^\./,,' | sort | xargs sha256sum > /root/sums && mv /root/sums SHA256SUMS
"""
    run(lab, ONE, script)
    done = lab.exec(ONE, "/root/bundle/apply </dev/null", 120)
    assert done.code == 1, done.out + done.err
    run(lab, ONE, "systemctl stop stook-apply; rm -rf /root/bundle")
    lab.deliver(ONE)
    run(lab, ONE, "/root/bundle/apply", 120)
    run(lab, ONE, "rm -rf /root/bundle")
    assert not bad(settled())
