"""Reports to be written in every format: nothing was asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from verify.contract import (
    Acceptance,
    Change,
    Control,
    Difference,
    Level,
    Phase,
    Report,
    Run,
    Severity,
    Since,
    Status,
    Turn,
    Verdict,
)


def verdict(key: str, status: Status, reason: str = "", *differences: Difference) -> Verdict:
    """A verdict with the usual evidence."""
    typed = "# ceph -f json osd dump\npython3 -c 'import rados'"
    plain = ("firewall-cmd --list-all", "[cluster] printf '\x07'\nsecond line")
    commands = (*plain, typed, f"[n2] {typed}")
    where = (key, "base", "networks", Level.STATE, Severity.ERROR)
    return Verdict(*where, status, reason, differences, {}, commands)


def report(*verdicts: Verdict, stamps: Mapping[str, object] | None = None, **other: Any) -> Report:
    """A run that looked at two nodes."""
    usual = Report(
        site="shop",
        target="ssh",
        runner="ops@desk",
        started="2026-11-22T03:00:00+00:00",
        finished="2026-11-22T03:00:04+00:00",
        phase=Phase.STEADY,
        spec_digest="5" * 64,
        bundles={"n1": "a" * 64, "n2": "b" * 64},
        stamps=stamps or {"n1": {"bundle": "a" * 64}, "n2": None},
        verdicts=verdicts,
        not_checked=("4 checks that act on the nodes (--active asks them)",),
    )
    return replace(usual, **other)


PORT = Difference("runtime port", "nothing else", "9999/tcp")
MODE = Difference("mode", "0644", "0600 & <odd>\x1b[31m")
NIGHT = report(
    verdict("n1/file/etc/x.conf", Status.FAIL, "", MODE),
    verdict("n1/zone/world", Status.FAIL, "", PORT, MODE),
    verdict("n1/zones/beyond", Status.PASS),
    verdict("n1/time/sources", Status.BLOCKED, "needs n1/service/chrony.service (fail)"),
    verdict("n1/mount/srv", Status.PENDING, "due when rebooted"),
    verdict("n1/reachability/22-tcp", Status.ELSEWHERE, "asked from outside"),
    *(verdict(f"n2/package/{n}", Status.UNKNOWN, "n2 cannot be asked: timed out") for n in "abcde"),
    stamps={"n1": {"bundle": "c" * 64}, "n2": None},
)
SEEN = {"state": "installed", "version": "1.0"}
GREEN = replace(verdict("n1/package/a", Status.PASS), observed=SEEN, seconds=0.25)
QUIET = report(GREEN, verdict("n2/mount/srv", Status.PENDING, "due when rebooted"), site="blog")
MINOR = replace(
    verdict("n1/time/sources", Status.FAIL, "", Difference("sources", "2", "1")),
    severity=Severity.WARNING,
    component="time",
)
BLIND = report(
    GREEN,
    verdict("n2/package/a", Status.UNKNOWN, "n2 cannot be asked: timed out"),
    verdict("n2/service/a.service", Status.BLOCKED, "n2 cannot be asked: timed out"),
)
WAIVED = report(
    GREEN,
    accepted=(
        Acceptance("G112", "gluster.volumes.wp", "2027-12-31", "one zone is all we have", "ops"),
        Acceptance("C01", "ceph.pools.rbd", "2027-03-31", "third OSD is ordered", "ops", "OPS-12"),
    ),
)
# what a node, and a bundle that somebody sent, may say: each format has words of its own to fear
EVIL = (
    "`a` | \\| \"q\" 'k' <img src=x onerror=alert(1)> ]]> *b* [c](//d) {{ e }} @ops #1 "
    "http://evil.example \r\n\x1b[2J\ud800"
)
HOSTILE = report(
    verdict(f"n1/file/{EVIL}", Status.FAIL, "", Difference(EVIL, EVIL, EVIL)),
    replace(
        verdict("n1/file/y", Status.UNKNOWN, EVIL), commands=(EVIL,), spec=EVIL, controls=(EVIL,)
    ),
    replace(verdict("n1/file/z", Status.PASS), observed={EVIL: [EVIL]}, component=EVIL),
    stamps={"n1": {"bundle": EVIL}},
    runner=EVIL,
    not_checked=(EVIL,),
    accepted=(Acceptance("G112", EVIL, "2027-12-31", EVIL, EVIL, EVIL),),
    controls=(Control(EVIL, EVIL, EVIL, 2),),
    since=Since(
        (Run(EVIL, EVIL, Phase.STEADY, EVIL, {"pass": 1}),),
        (Change(EVIL, Turn.FAILS, Status.PASS, Status.FAIL),),
        {EVIL: (EVIL, EVIL)},
    ),
)
LAST = Run("2026-11-22T02:00:00+00:00", "ssh", Phase.STEADY, "4" * 64, {"pass": 9, "unknown": 1})
FIRST = replace(LAST, started="2026-11-22T01:00:00+00:00", statuses={"fail": 1, "pass": 9})
CHANGED = replace(
    NIGHT,
    since=Since(
        (LAST, FIRST),
        (
            Change("n1/file/etc/x.conf", Turn.FAILS, None, Status.FAIL),
            Change("n1/zone/world", Turn.FAILS, Status.PASS, Status.FAIL),
            *(Change(f"n2/package/{n}", Turn.UNKNOWN, Status.PASS, Status.UNKNOWN) for n in "abcd"),
            Change("n1/zones/beyond", Turn.MET, Status.FAIL, Status.PASS),
            Change("n1/time/sources", Turn.OTHER, Status.PASS, Status.BLOCKED),
            Change("n1/mount/srv", Turn.NEW, None, Status.PENDING),
            *(Change(f"n1/package/{n:02}", Turn.GONE, Status.PASS, None) for n in range(24)),
        ),
        {"n1": ("c" * 64, "a" * 64), "n2": ("", "b" * 64), "n3": ("d" * 64, "")},
        only_now=1,
        only_then=12,
    ),
)
SAME = replace(QUIET, since=Since((replace(LAST, statuses={"pass": 1, "pending": 1}),)))
NIST = "NIST SP 800-53 rev. 5"
CONTROLLED = replace(
    NIGHT,
    verdicts=tuple(
        replace(one, controls=("SC-7", "SC-7(5)") if "/zone" in one.id else ("CM-8",))
        for one in NIGHT.verdicts
    ),
    controls=(
        Control("AC-17", NIST, "the ways in over ssh", 2),
        Control("CM-8", NIST, "what there is", 9),
        Control("IA-3", NIST, "who may ask for storage", 0),
        Control("SC-7", NIST, "the boundary", 4),
        Control("SC-7(5)", NIST, "", 2),
    ),
)
MET = replace(
    QUIET,
    verdicts=tuple(replace(one, controls=("5.10",)) for one in QUIET.verdicts),
    controls=(Control("5.10", "own", "packages", 2),),
)
CASES: Mapping[str, tuple[Report, ...]] = {
    "night": (NIGHT,),
    "quiet": (QUIET,),
    "minor": (report(GREEN, MINOR),),
    "blind": (BLIND,),
    "waived": (WAIVED,),
    "nothing": (report(),),
    "fleet": (NIGHT, QUIET),
    "changed": (CHANGED,),
    "same": (SAME,),
    "controlled": (CONTROLLED,),
    "met": (MET,),
    "hostile": (HOSTILE,),
}
