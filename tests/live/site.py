"""What the live tests of the reference site share."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from verify.lab import faults
from verify.lab.faults import Fault
from verify.lab.site import Lab

ROOT = Path(__file__).parents[2]
SITE = ROOT / "bundles/ha-wordpress"
ROOTDIR = "/var/www/html"


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Lab]:
    """A built site's lab, which is gone afterwards, also when it has not come up."""
    made = Lab(folder, print)
    try:
        made.up(**options)
        yield made
    finally:
        made.down()


def verify(*options: str, folder: Path = SITE) -> dict[str, Any]:
    """A report of `stook verify` on the containers, and its exit code as `code`."""
    command = [sys.executable, "-m", "verify", str(folder), "--target", "docker"]
    command += ["--outside", "docker", "--format", "json", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode in (0, 1, 3), done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report | {"code": done.returncode}


def bad(report: dict[str, Any]) -> dict[str, str]:
    """Everything of a report that is neither pass nor pending, with what was found."""
    return {
        v["id"]: f"{v['status']}: {v['reason']} {v['differences']}"
        for v in report["verdicts"]
        if v["status"] not in ("pass", "pending")
    }


def statuses(report: dict[str, Any]) -> dict[str, str]:
    """All that is not green."""
    return {v["id"]: v["status"] for v in report["verdicts"] if v["status"] != "pass"}


def surprises(report: dict[str, Any], expected: Mapping[str, str]) -> dict[str, str]:
    """Where a report differs from what was expected, with what was found there."""
    seen, found = statuses(report), bad(report)
    differ = {key for key in seen.keys() | expected.keys() if seen.get(key) != expected.get(key)}
    return {key: found.get(key, seen.get(key, "pass")) for key in sorted(differ)}


def settled(*options: str, wait: float = 120, folder: Path = SITE) -> dict[str, Any]:
    """The report once everything is green, or the last one when the time is over."""
    end = time.monotonic() + wait
    while True:
        report = verify(*options, folder=folder)
        if report["code"] == 0 or time.monotonic() > end:
            return report


def levels(folder: Path = SITE) -> dict[str, str]:
    """Every id of a built site, and how far its check goes."""
    found = {}
    for manifest in sorted(folder.glob("*/manifest.json")):
        for item in json.loads(manifest.read_bytes())["expectations"]:
            found[item["id"]] = item["level"]
    return found


def shows_exactly(
    lab: Lab,
    fault: Fault,
    record: Callable[[str, object], None],
    undone: Callable[[], bool] | None = None,
) -> None:
    """A fault turns just its own checks red, and they are green again when it is undone.

    Behaviour is provoked, which takes its time, for those faults that only behaviour shows. What
    else is left of a fault would be the next one's surprise. `undone` asks less than its checks.
    A surprise is asked for once more, as `stook verify` does by itself: a busy machine is late.
    """
    folder, level = lab.folder, levels(lab.folder)
    expected = {key: str(value) for key, value in fault.expected(level).items()}
    active = any(v == "fail" and level[key] == "behaviour" for key, v in expected.items())
    if not active:
        expected = {k: v for k, v in expected.items() if level[k] != "behaviour"}
    options = ("--no-wait", *(["--active"] if active else []))
    faults.inject(lab, fault)
    try:
        report = verify(*options, folder=folder)
        if statuses(report) != expected:
            print(f"asked again: {surprises(report, expected)}")
            report = verify(*options, folder=folder)
    finally:
        faults.undo(lab, fault)
    record("fault", (fault.name, statuses(report)))
    assert statuses(report) == expected, surprises(report, expected)
    if undone:
        until(undone, 60, f"{fault.name} is undone")
    else:
        own = (escape(key) for key in expected if level[key] != "behaviour")
        only = [word for key in own for word in ("--only", key)]
        assert not bad(settled(*only, folder=folder))


def run(lab: Lab, node: str, script: str, timeout: int = 60) -> str:
    """The output of a script that must succeed on a node."""
    done = lab.exec(node, script, timeout)
    assert done.code == 0, f"{node}: {script}\n{done.code} {done.out}{done.err}"
    return done.out


def until(question: Callable[[], bool], wait: float, what: str) -> float:
    """Seconds until something is so; fails when it never is."""
    begun = time.monotonic()
    while not question():
        assert time.monotonic() - begun < wait, f"not within {wait:.0f} s: {what}"
        time.sleep(0.5)
    return time.monotonic() - begun


def mounted(lab: Lab, node: str) -> bool:
    """Whether the volume is mounted on a node and answers."""
    words = f"timeout 5 stat -f -c %T {ROOTDIR} && grep -q ' {ROOTDIR} fuse.glusterfs' /proc/mounts"
    return lab.exec(node, words, 10).code == 0
