"""Faults are data, and a fault that proves nothing is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from verify.contract import Output
from verify.lab import faults
from verify.lab.errors import LabError

GOOD = """
title: A unit is stopped
inject:
  - {at: [a, b], run: systemctl stop x}
undo:
  - {at: a, do: start}
red: ["?/service/x"]
blocked: [a/listener/*]
"""


@dataclass
class Recorder:
    """A lab that only writes down what is done to it."""

    done: list[str] = field(default_factory=list)
    code: int | None = 0

    def exec(self, name: str, command: str, timeout: int = 30) -> Output:
        self.done.append(f"{name}: {command}")
        return Output(self.code, "", "no such unit")

    def act(self, name: str, verb: str) -> None:
        self.done.append(f"{name}! {verb}")

    def wait_booted(self, names: tuple[str, ...]) -> None:
        self.done.append(f"wait {names}")


def load(folder: Path, text: str) -> faults.Fault:
    file = folder / "unit-stopped.yaml"
    file.write_text(text)
    return faults.load(file)


def test_a_fault_is_read_whole(tmp_path: Path) -> None:
    fault = load(tmp_path, GOOD)
    assert fault.name == "unit-stopped"
    assert fault.inject == (faults.Step(("a", "b"), run="systemctl stop x"),)
    assert fault.undo == (faults.Step(("a",), do="start"),)


@pytest.mark.parametrize(
    ("was", "instead", "message"),
    [
        ("title:", "titel:", "unknown titel, missing title"),
        ("do: start", "do: explode", "`do` is one of"),
        ("do: start", "do: start, run: x", "either `run` or `do`"),
        (", do: start", "", "either `run` or `do`"),
        ("at: a, do", "on: a, do", "unknown True, missing at"),
        ('["?/service/x"]', "[]", "some check notices"),
    ],
)
def test_a_wrong_fault_says_what_is_wrong(
    tmp_path: Path, was: str, instead: str, message: str
) -> None:
    assert was in GOOD
    with pytest.raises(LabError, match=message):
        load(tmp_path, GOOD.replace(was, instead))


def test_patterns_become_the_complete_set_of_ids(tmp_path: Path) -> None:
    fault = load(tmp_path, GOOD)
    ids = ("a/service/x", "b/service/x", "b/service/y", "a/listener/1", "b/listener/1")
    assert fault.expected("red", ids) == {"a/service/x", "b/service/x"}
    assert fault.expected("blocked", ids) == {"a/listener/1"}
    assert fault.expected("unknown", ids) == frozenset()


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="matches no expectation"):
        load(tmp_path, GOOD).expected("red", ["a/mount/x"])


def test_a_fault_is_done_and_taken_back(tmp_path: Path) -> None:
    fault, lab = load(tmp_path, GOOD), Recorder()
    faults.inject(lab, fault)
    faults.undo(lab, fault)
    command = "set -e\nsystemctl stop x"
    assert lab.done == [f"a: {command}", f"b: {command}", "a! start", "wait ('a',)"]


def test_a_fault_that_cannot_be_done_says_so(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="on a: systemctl stop x: ended with 5: no such unit"):
        faults.inject(Recorder(code=5), load(tmp_path, GOOD))
    with pytest.raises(LabError, match="did not end"):
        faults.inject(Recorder(code=None), load(tmp_path, GOOD))


def test_an_unknown_fault_is_named_with_the_known_ones(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    with pytest.raises(LabError, match="there are unit-stopped"):
        faults.find("unit-broken", tmp_path)


@pytest.mark.parametrize("name", sorted(file.stem for file in faults.FOLDER.glob("*.yaml")))
def test_every_fault_of_ours_is_readable(name: str) -> None:
    assert faults.find(name).title
