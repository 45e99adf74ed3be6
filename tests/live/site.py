"""What the live tests of the reference site share."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from generator import pipeline
from tests.pace import limit, multiplier, pace, used
from verify.cli import verify as command
from verify.contract import Output
from verify.lab import faults
from verify.lab.faults import Fault
from verify.lab.site import Lab

ROOT = Path(__file__).parents[2]
SITE = ROOT / "bundles/ha-wordpress"
ROOTDIR = "/var/www/html"
BOOTED, SHOWN = 300, 30
SINGLE, TURN = 8, "STOOK_TEST_TURN"


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Lab]:
    """A built site's lab, which is gone afterwards, also when it has not come up."""
    made = Lab(folder, print, pace=pace())
    try:
        begun = time.monotonic()
        made.up(**options)
        used(f"the lab of {folder.name} is up", time.monotonic() - begun, limit(BOOTED))
        yield made
    finally:
        made.down()


def build(folder: Path, spec: str) -> None:
    """Write the spec into the folder, and the bundles beside it."""
    (folder / "site.yaml").write_text(spec, "utf-8")
    made = pipeline.run(folder)
    assert not made.failed, made.findings
    pipeline.build(made, folder)


def apply(lab: Lab, node: str, command: str = "/root/new/apply 2>&1") -> Output:
    """`apply` of the node's bundle, as an admin would who has copied it to /root/new."""
    run(lab, node, "rm -rf /root/new && mkdir /root/new")
    lab.deliver(node, "/root/new")
    return lab.exec(node, command, 300)


def verify(*options: str, folder: Path = SITE) -> dict[str, Any]:
    """A report of `stook verify` on the containers, and its exit code as `code`.

    The command is called in this process: it is started hundreds of times.
    """
    words = [str(folder), "--target", "docker", "--outside", "docker", "--format", "json"]
    words += ["--timeout-multiplier", multiplier(), *options]
    done = CliRunner().invoke(command, words, catch_exceptions=False)
    assert done.exit_code in (0, 1, 3), done.output
    report: dict[str, Any] = json.loads(done.stdout)["sites"][0]
    return report | {"code": done.exit_code}


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
    """The report once everything is green, or the last one when the time is over.

    What is not green is waited for by itself: to ask for everything takes the node's own time.
    """
    begun, allowed = time.monotonic(), limit(wait)
    while True:
        report = verify(*options, folder=folder)
        took = time.monotonic() - begun
        if report["code"] == 0 or took > allowed:
            used(f"{folder.name} is as its spec says", took, allowed)
            return report
        late = [key for key, status in statuses(report).items() if status != "pending"]
        if late and "--only" not in options:
            words = [*options, *_only(late)]
            while bad(verify(*words, folder=folder)) and time.monotonic() - begun < allowed:
                time.sleep(1)


def _only(keys: Iterable[str]) -> list[str]:
    return [word for key in keys for word in ("--only", escape(key))]


def levels(folder: Path = SITE) -> dict[str, str]:
    """Every id of a built site, and how far its check goes."""
    found = {}
    for manifest in sorted(folder.glob("*/manifest.json")):
        for item in json.loads(manifest.read_bytes())["expectations"]:
            found[item["id"]] = item["level"]
    return found


def fault_groups(folder: Path) -> dict[str, tuple[Fault, ...]]:
    """All faults of a reference site by the names of those that are done together.

    An eighth of them has a round of its own, another one with each commit (or as `TURN` says), so
    that none can hide for long behind another. Those that only behaviour shows keep to themselves,
    because they take longer.
    """
    level = levels(folder)
    due = turn(SINGLE)
    ours = [fault for fault in faults.load_all().values() if fault.site == folder.name]
    alone = {fault.name for number, fault in enumerate(ours) if number % SINGLE == due}
    made = (
        faults.compatible_groups(some, level, lambda fault: fault.name in alone)
        for some in (
            [fault for fault in ours if _provoked(fault, level) == active]
            for active in (False, True)
        )
    )
    return {"+".join(fault.name for fault in one): one for many in made for one in many}


def _provoked(fault: Fault, level: Mapping[str, str]) -> bool:
    """Whether one of its red checks is of behaviour, which is asked only when it is wanted."""
    expected = fault.expected(level)
    return any(v == "fail" and level[key] == "behaviour" for key, v in expected.items())


def turn(of: int) -> int:
    """Whose turn it is of so many: another's with each commit, or as `TURN` says."""
    return int(os.environ.get(TURN) or _commit(), 16) % of


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return asked.stdout.strip() or "0"


def shows_exactly(
    lab: Lab,
    together: Sequence[Fault],
    record: Callable[[str, object], None],
    undone: Callable[[], bool] | None = None,
) -> None:
    """Faults turn just their own checks red, and they are green again when they are undone.

    Behaviour is provoked, which takes its time, for those faults that only behaviour shows. What
    else is left of a fault would be the next one's surprise. `undone` asks less than its checks.
    What is late is asked for again; what nobody expects ends the wait, as it might be gone then.
    """
    folder, level = lab.folder, levels(lab.folder)
    active = any(_provoked(fault, level) for fault in together)
    own = {fault.name: _expected(fault, level, active) for fault in together}
    expected = {key: value for each in own.values() for key, value in each.items()}
    options = ("--no-wait", *(["--active"] if active else []))
    try:
        faults.inject(lab, *together)
        report = _shown(expected, *options, folder=folder)
    finally:
        faults.undo(lab, *together)
    seen = statuses(report)
    for name, each in own.items():
        record("fault", (name, {key: value for key, value in seen.items() if key in each}))
    assert seen == expected, surprises(report, expected)
    if undone:
        until(undone, 120, f"{', '.join(own)}: undone")
    else:
        only = _only(key for key in expected if level[key] != "behaviour")
        assert not bad(settled(*only, folder=folder))


def _expected(fault: Fault, level: Mapping[str, str], active: bool) -> dict[str, str]:
    every = {key: str(value) for key, value in fault.expected(level).items()}
    return {key: value for key, value in every.items() if active or level[key] != "behaviour"}


def _shown(expected: Mapping[str, str], *options: str, folder: Path) -> dict[str, Any]:
    """The report that shows what is expected, or that shows something else, or the last one."""
    begun, allowed = time.monotonic(), limit(SHOWN)
    while True:
        report = verify(*options, folder=folder)
        seen, took = statuses(report), time.monotonic() - begun
        if seen == expected or seen.keys() - expected.keys() or took > allowed:
            used("a fault is shown", took, allowed)
            return report
        print(f"not yet as expected: {surprises(report, expected)}")


def run(lab: Lab, node: str, script: str, timeout: int = 60) -> str:
    """The output of a script that must succeed on a node."""
    done = lab.exec(node, script, timeout)
    assert done.code == 0, f"{node}: {script}\n{done.code} {done.out}{done.err}"
    return done.out


def until(question: Callable[[], bool], wait: float, what: str) -> float:
    """Seconds until something is so; fails when it never is."""
    begun, allowed = time.monotonic(), limit(wait)
    while not question():
        assert time.monotonic() - begun < allowed, f"not within {allowed:.0f} s: {what}"
        time.sleep(1)
    took = time.monotonic() - begun
    used(what, took, allowed)
    return took


def mounted(lab: Lab, node: str) -> bool:
    """Whether the volume is mounted on a node and answers."""
    asked = f"timeout {limit(5):.0f} stat -f -c %T {ROOTDIR}"
    words = f"{asked} && grep -q ' {ROOTDIR} fuse.glusterfs' /proc/mounts"
    return lab.exec(node, words, 10).code == 0
