"""Faults that are done to a lab, as data: what breaks, and which checks must notice.

A fault is a file `faults/NAME.yaml`; adding one needs no code. Its ids are patterns of the shell
(`node-gfs?/mount/*`), and one that matches no expectation of the site is an error: a fault that
proves nothing must not look like one that does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

import yaml

from verify.contract import Output, Status
from verify.lab.errors import LabError

FOLDER = Path(__file__).parent / "faults"
ACTS = ("kill", "cut", "start", "shutdown", "reboot", "pause", "unpause")
REFERENCE = "ha-wordpress"
BESIDE = 2
STEP_KEYS = {"at", "run", "do", "timeout"}


class FaultTarget(Protocol):
    """The part of a lab that faults act on."""

    def exec(self, name: str, command: str, timeout: int = ...) -> Output: ...

    def act(self, name: str, verb: str) -> None: ...

    def wait_booted(self, names: tuple[str, ...]) -> object: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to some machines: a shell script (`run`), or a switch turned (`do`).

    `at` names nodes, `outside`, `time` or `database`. After `do: start` or `do: reboot`, the
    machine is waited for.
    """

    at: tuple[str, ...]
    run: str = ""
    do: str = ""
    timeout: int = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: how it is done and undone, and the complete set of verdicts that change.

    `red` must fail, `unknown` cannot be answered (a machine that is off), `blocked` need something
    that did not pass. `settle` is how many seconds the site takes to show it. `site` is the
    reference site that it is made for. An `independent` one waits for nothing and touches nothing
    on its machines but what its checks are about, so that others can be done beside it.
    """

    name: str
    title: str
    inject: tuple[Step, ...]
    undo: tuple[Step, ...]
    red: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    settle: float = 0
    site: str = REFERENCE
    independent: bool = False

    @property
    def machines(self) -> frozenset[str]:
        """The machines that something is done to."""
        return frozenset(name for step in self.inject for name in step.at)

    def expected(self, ids: Iterable[str]) -> dict[str, Status]:
        """What becomes of each id under this fault; those not named still pass.

        A machine that is off answers nothing, so `unknown` may name all of it: what is also
        `blocked` is blocked.
        """
        ids = tuple(ids)
        red, unknown, blocked = (
            self._matching(patterns, ids) for patterns in (self.red, self.unknown, self.blocked)
        )
        twice = red & (unknown | blocked)
        if twice:
            raise LabError(f"fault {self.name}: red and not: {', '.join(sorted(twice))}")
        return (
            dict.fromkeys(red, Status.FAIL)
            | dict.fromkeys(unknown, Status.UNKNOWN)
            | dict.fromkeys(blocked, Status.BLOCKED)
        )

    def _matching(self, patterns: tuple[str, ...], ids: tuple[str, ...]) -> set[str]:
        matched: set[str] = set()
        for pattern in patterns:
            matching = {one for one in ids if fnmatchcase(one, pattern)}
            if not matching:
                raise LabError(f"fault {self.name}: {pattern!r} matches no expectation")
            matched |= matching
        return matched


def load_all(folder: Path = FOLDER) -> dict[str, Fault]:
    """Every fault there is, by name."""
    return {file.stem: load(file) for file in sorted(folder.glob("*.yaml"))}


def find(name: str, folder: Path = FOLDER) -> Fault:
    """The fault of this name. Raises `LabError` when there is none."""
    file = folder / f"{name}.yaml"
    if not file.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.yaml")))
        raise LabError(f"no fault {name!r}; there are {known}")
    return load(file)


def load(file: Path) -> Fault:
    """Read one fault. Raises `LabError` that says what is wrong with the file."""
    data = yaml.safe_load(file.read_text())
    known = {field.name for field in fields(Fault)} - {"name"}
    _keys(file, "a fault", data, known, needed={"title", "inject", "undo", "red"})
    inject, undo = (_steps(file, data[key]) for key in ("inject", "undo"))
    red, unknown, blocked = (_patterns(data.get(key, ())) for key in ("red", "unknown", "blocked"))
    if not inject or not (red or unknown):
        raise LabError(f"{file.name}: a fault does something, and some check notices")
    settle = float(data.get("settle", 0))
    site = str(data.get("site", REFERENCE))
    independent = bool(data.get("independent", False))
    return Fault(
        *(file.stem, str(data["title"]), inject, undo, red, unknown, blocked, settle, site),
        independent,
    )


def inject(lab: FaultTarget, *faults: Fault) -> None:
    """Do some faults, and wait until the site can show them."""
    for fault in faults:
        _work(lab, fault, fault.inject)
    time.sleep(max(fault.settle for fault in faults))


def undo(lab: FaultTarget, *faults: Fault) -> None:
    """Take some faults back, the last one first; each is tried, whatever becomes of the others."""
    with ExitStack() as undoing:
        for fault in faults:
            undoing.callback(_work, lab, fault, fault.undo)


def compatible_groups(
    faults: Iterable[Fault], ids: Iterable[str], alone: Callable[[Fault], bool]
) -> tuple[tuple[Fault, ...], ...]:
    """Faults that can be done together, so that each is done once.

    Those of one group have no expected verdict in common; at most `BESIDE` of them are of one
    machine, and these have no kind of check in common either. One that is not independent, or is
    to be `alone`, has a group of its own.
    """
    ids = tuple(ids)
    groups: list[list[Fault]] = []
    touched: list[set[str]] = []
    for fault in faults:
        mine = _touched(fault, ids)
        combinable = fault.independent and not alone(fault)
        fitting = (
            number
            for number, its in enumerate(touched)
            if combinable and not its & mine and _has_room(groups[number], fault)
        )
        place = next(fitting, None)
        if place is None:
            groups.append([fault])
            # nothing fits beside one that touches all of them
            touched.append(mine if combinable else {*ids})
        else:
            groups[place].append(fault)
            touched[place] |= mine
    return tuple(map(tuple, groups))


def _touched(fault: Fault, ids: tuple[str, ...]) -> set[str]:
    """Its ids, and each of its machines with each of their kinds."""
    mine = fault.expected(ids).keys()
    kinds = {one.split("/", 2)[1] for one in mine}
    return {*mine, *(f"{machine} {kind}" for machine in fault.machines for kind in kinds)}


def _has_room(group: Sequence[Fault], fault: Fault) -> bool:
    return all(
        sum(machine in other.machines for other in group) < BESIDE for machine in fault.machines
    )


def _work(lab: FaultTarget, fault: Fault, steps: tuple[Step, ...]) -> None:
    for step in steps:
        for name in step.at:
            if step.run:
                _run(lab, fault, step, name)
            else:
                lab.act(name, step.do)
        if step.do in ("start", "reboot"):
            lab.wait_booted(step.at)


def _run(lab: FaultTarget, fault: Fault, step: Step, name: str) -> None:
    done = lab.exec(name, "set -e\n" + step.run, step.timeout)
    if done.code != 0:
        ended = "did not end" if done.code is None else f"ended with {done.code}"
        raise LabError(f"fault {fault.name} on {name}: {step.run.strip()}: {ended}: {done.err}")


def _steps(file: Path, data: Any) -> tuple[Step, ...]:
    return tuple(_step(file, step) for step in data)


def _patterns(data: Any) -> tuple[str, ...]:
    return tuple(str(pattern) for pattern in data)


def _step(file: Path, data: Any) -> Step:
    _keys(file, "a step", data, STEP_KEYS, needed={"at"})
    if ("run" in data) == ("do" in data):
        raise LabError(f"{file.name}: a step has either `run` or `do`: {data}")
    if data.get("do", "kill") not in ACTS:
        raise LabError(f"{file.name}: `do` is one of {', '.join(ACTS)}, not {data['do']!r}")
    at = (data["at"],) if isinstance(data["at"], str) else tuple(map(str, data["at"]))
    return Step(at, str(data.get("run", "")), str(data.get("do", "")), int(data.get("timeout", 60)))


def _keys(file: Path, what: str, data: Any, known: set[str], needed: set[str]) -> None:
    if not isinstance(data, dict):
        raise LabError(f"{file.name}: {what} is a mapping")
    unknown_keys, absent = set(data) - known, needed - set(data)
    if unknown_keys or absent:
        wrong = [f"unknown {key}" for key in sorted(map(str, unknown_keys))]
        wrong += [f"missing {key}" for key in sorted(absent)]
        raise LabError(f"{file.name}: {what}: {', '.join(wrong)}")
