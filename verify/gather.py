"""Asking the places: one trip to each, all at once; then the cluster, one command at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import sleep as wait

from verify.contract import Command, Output
from verify.readers import gluster
from verify.selection import Check
from verify.transport import Place, Unreachable
from verify.trip import PARALLEL, Garbled, plan

CLUSTER, OUTSIDE = "cluster", "outside"
BUSY_PAUSES = (0.5, 1, 2, 4, 8)
MARGIN = 20
PROBES = 32
"""Probes from outside wait most of their time, so more of them run at once."""

Sleep = Callable[[float], None]
Find = Callable[[str], Place]


@dataclass(slots=True)
class Answers:
    """What came back: outputs by place and command, and why a place gave none."""

    outputs: dict[tuple[str, str], Output] = field(default_factory=dict)
    unreachable: dict[str, str] = field(default_factory=dict)

    def of(self, check: Check) -> Mapping[str, Output]:
        """The outputs of a check under its own keys. Raises `Unreachable`."""
        found: dict[str, Output] = {}
        for key, (name, command) in zip(check.commands, check.places(), strict=True):
            if (name, command.text) not in self.outputs:
                reason = self.unreachable.get(name, "it was not asked")
                raise Unreachable(f"{_spoken(name)} cannot be asked: {reason}")
            found[key] = self.outputs[name, command.text]
        return found


def _spoken(name: str) -> str:
    return {CLUSTER: "the cluster", OUTSIDE: "the machine outside"}.get(name, name)


def gather(
    checks: Sequence[Check],
    find: Find,
    also: Mapping[str, Sequence[Command]] | None = None,
    sleep: Sleep = wait,
) -> Answers:
    """Run every command once where it belongs, step after step; `also` adds some to a place."""
    answers = Answers()
    asked = [(name, command) for check in checks for name, command in check.places()]
    asked += [(name, command) for name, more in (also or {}).items() for command in more]
    for step in sorted({command.step for _, command in asked}):
        now = [(name, command) for name, command in asked if command.step == step]
        _places(now, find, answers)
        _cluster(checks, step, find, answers, sleep)
    return answers


def _places(asked: Iterable[tuple[str, Command]], find: Find, answers: Answers) -> None:
    """All places in parallel, each with its commands once, under the longest limit asked for."""
    trips: dict[str, dict[str, int]] = {}
    for name, command in asked:
        if name != CLUSTER and name not in answers.unreachable:
            limits = trips.setdefault(name, {})
            limits[command.text] = max(command.timeout, limits.get(command.text, 0))
    with ThreadPoolExecutor(max_workers=max(1, min(32, len(trips)))) as pool:
        begun = [
            pool.submit(ask, name, find, limits, answers, PROBES if name == OUTSIDE else PARALLEL)
            for name, limits in trips.items()
        ]
    for trip in begun:
        trip.result()


def ask(
    name: str,
    find: Find,
    limits: Mapping[str, int],
    answers: Answers,
    parallel: int = PARALLEL,
    stand_in: str = "",
) -> None:
    """One trip; its outputs are kept under the place's name, or under the one it stands in for."""
    trip = plan(limits, parallel)
    try:
        outputs = trip.read(find(name).ask(trip.script(), trip.limit + MARGIN))
    except (Unreachable, Garbled) as error:
        answers.unreachable[stand_in or name] = str(error)
        return
    for text, output in outputs.items():
        answers.outputs[stand_in or name, text] = output


def _cluster(
    checks: Sequence[Check], step: int, find: Find, answers: Answers, sleep: Sleep
) -> None:
    """On the first reachable node of those that need it, one by one, again while it is busy."""
    limits: dict[str, int] = {}
    nodes: dict[str, None] = {}
    for check in checks:
        for name, command in check.places():
            if name == CLUSTER and command.step == step:
                limits[command.text] = max(command.timeout, limits.get(command.text, 0))
                nodes[check.expectation.node] = None
    for node in nodes:
        if node in answers.unreachable:
            answers.unreachable.setdefault(CLUSTER, f"{node}: {answers.unreachable[node]}")
            continue
        answers.unreachable.pop(CLUSTER, None)
        _serially(node, limits, find, answers, sleep)
        if CLUSTER not in answers.unreachable:
            return


def _serially(
    node: str, limits: Mapping[str, int], find: Find, answers: Answers, sleep: Sleep
) -> None:
    ask(node, find, limits, answers, parallel=1, stand_in=CLUSTER)
    for pause in BUSY_PAUSES:
        found = {text: answers.outputs.get((CLUSTER, text)) for text in limits}
        again = {t: limits[t] for t, output in found.items() if output and gluster.busy(output)}
        if not again:
            return
        sleep(pause)
        ask(node, find, again, answers, parallel=1, stand_in=CLUSTER)
