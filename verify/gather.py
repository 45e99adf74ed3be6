"""Asking the places: one trip to each, all at once; then the cluster, one command at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import sleep as wait

from verify.batch import fold, longest
from verify.contract import Command, Output, Unreadable
from verify.readers.answers import CUT
from verify.selection import Check
from verify.transport import Budget, Place, Unreachable
from verify.trip import PARALLEL, Ask, Garbled, Trip

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
    budget: Budget = field(default_factory=Budget)

    def of(self, check: Check) -> Mapping[str, Output]:
        """The outputs of a check under its own keys. Raises `Unreachable`, or `Unreadable`."""
        outputs: dict[str, Output] = {}
        for key, (name, command) in zip(check.commands, check.places(), strict=True):
            if (name, command.text) not in self.outputs:
                reason = self.unreachable.get(name, "it was not asked")
                raise Unreachable(f"{_display_name(name)} cannot be asked: {reason}")
            outputs[key] = self.outputs[name, command.text]
            if outputs[key].cut:
                raise Unreadable(CUT)
        return outputs


def _display_name(name: str) -> str:
    return {CLUSTER: "the cluster", OUTSIDE: "the machine outside"}.get(name, name)


def gather(
    checks: Sequence[Check],
    find: Find,
    also: Mapping[str, Sequence[Command]] | None = None,
    sleep: Sleep = wait,
    budget: Budget | None = None,
) -> Answers:
    """Run every command once where it belongs, step after step; `also` adds some to a place."""
    answers = Answers(budget=budget or Budget())
    questions = [(name, command) for check in checks for name, command in check.places()]
    questions += [(name, command) for name, more in (also or {}).items() for command in more]
    for step in sorted({command.step for _, command in questions}):
        due = [(name, command) for name, command in questions if command.step == step]
        _places(due, find, answers)
        _cluster(checks, step, find, answers, sleep)
    return answers


def _places(asked: Iterable[tuple[str, Command]], find: Find, answers: Answers) -> None:
    """All places in parallel, each with its commands once, under the longest limit asked for."""
    trips: dict[str, list[Command]] = {}
    for name, command in asked:
        if name != CLUSTER and name not in answers.unreachable:
            trips.setdefault(name, []).append(command)
    with ThreadPoolExecutor(max_workers=max(1, min(32, len(trips)))) as pool:
        begun = [
            pool.submit(ask, name, find, commands, answers, PROBES if name == OUTSIDE else PARALLEL)
            for name, commands in trips.items()
        ]
    for trip in begun:
        trip.result()


def ask(
    name: str,
    find: Find,
    commands: Iterable[Command],
    answers: Answers,
    parallel: int = PARALLEL,
    stand_in: str = "",
) -> None:
    """One trip; its outputs are kept under the place's name, or under the one it stands in for.

    An answer that breaks off on its way is asked for once more, where asking changes nothing.
    """
    commands = tuple(commands)
    batches = fold(longest(commands).values())
    asks = [Ask(batch.text, batch.timeout, batch.program) for batch in batches]
    trip = Trip.of(asks, parallel, system=name != OUTSIDE, times=answers.budget.times)

    def go() -> Mapping[str, Output]:
        return trip.read(find(name).ask(trip.script(), trip.limit + MARGIN, answers.budget))

    try:
        try:
            outputs = go()
        except Garbled:
            if any(command.step for command in commands):
                raise
            outputs = go()
    except (Unreachable, Garbled) as error:
        answers.unreachable[stand_in or name] = str(error)
        return
    for batch in batches:
        for text, output in batch.split(outputs[batch.text]).items():
            answers.outputs[stand_in or name, text] = output


def _cluster(
    checks: Sequence[Check], step: int, find: Find, answers: Answers, sleep: Sleep
) -> None:
    """On the first reachable node of those that need it, one by one, again while it is busy."""
    commands: list[Command] = []
    nodes: dict[str, None] = {}
    for check in checks:
        for name, command in check.places():
            if name == CLUSTER and command.step == step:
                commands.append(command)
                nodes[check.expectation.node] = None
    for node in nodes:
        if node in answers.unreachable:
            answers.unreachable.setdefault(CLUSTER, f"{node}: {answers.unreachable[node]}")
            continue
        answers.unreachable.pop(CLUSTER, None)
        _serially(node, commands, find, answers, sleep)
        if CLUSTER not in answers.unreachable:
            return


def _serially(
    node: str, commands: Sequence[Command], find: Find, answers: Answers, sleep: Sleep
) -> None:
    ask(node, find, commands, answers, parallel=1, stand_in=CLUSTER)
    for pause in BUSY_PAUSES:
        latest = ((one, answers.outputs.get((CLUSTER, one.text))) for one in commands)
        again = [one for one, output in latest if output and one.again(output)]
        if not again:
            return
        sleep(pause)
        ask(node, find, again, answers, parallel=1, stand_in=CLUSTER)
