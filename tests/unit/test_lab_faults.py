"""Faults are data, and a fault that proves nothing is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from verify.contract import Expectation, Output, Status
from verify.kinds import KINDS
from verify.lab import faults
from verify.lab.errors import LabError
from verify.serialization import load_manifest, load_site

BUNDLES = Path(__file__).parents[2] / "bundles"
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
    ids = ("a/service/x", "b/service/x", "b/service/y", "a/listener/1", "b/listener/1")
    assert load(tmp_path, GOOD).expected(ids) == {
        "a/service/x": Status.FAIL,
        "b/service/x": Status.FAIL,
        "a/listener/1": Status.BLOCKED,
    }


def test_what_is_blocked_on_a_machine_that_is_off_is_blocked(tmp_path: Path) -> None:
    fault = load(tmp_path, GOOD.replace('red: ["?/service/x"]', "red: []\nunknown: [a/*]"))
    assert fault.expected(("a/service/x", "a/listener/1")) == {
        "a/service/x": Status.UNKNOWN,
        "a/listener/1": Status.BLOCKED,
    }


def test_nothing_is_red_and_blocked(tmp_path: Path) -> None:
    fault = load(tmp_path, GOOD.replace("a/listener/*", "a/*/*"))
    with pytest.raises(LabError, match="red and not: a/service/x"):
        fault.expected(("a/service/x", "a/listener/1"))


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="matches no expectation"):
        load(tmp_path, GOOD).expected(["a/mount/x"])


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


def fault(name: str, at: str, red: str, independent: bool = True) -> faults.Fault:
    step = (faults.Step((at,), run="true"),)
    return faults.Fault(name, name, step, step, (red,), independent=independent)


def test_faults_share_a_round_where_they_have_nothing_in_common() -> None:
    some = (
        fault("one", "a", "a/service/x"),
        fault("same-kind-on-a", "a", "a/service/y"),
        fault("other-kind-on-a", "a", "a/port/x"),
        fault("third-on-a", "a", "a/port/y"),
        fault("same-check", "b", "a/service/x"),
        fault("apart", "b", "b/service/x"),
        fault("not-independent", "c", "b/service/y", independent=False),
        fault("alone", "d", "a/service/z"),
        fault("last", "e", "c/service/x"),
    )
    ids = [
        f"{node}/{kind}/{unit}" for node in "abc" for kind in ("service", "port") for unit in "xyz"
    ]
    made = faults.compatible_groups(some, ids, lambda fault: fault.name == "alone")
    assert [[one.name for one in each] for each in made] == [
        ["one", "other-kind-on-a", "apart", "last"],
        ["same-kind-on-a", "third-on-a", "same-check"],
        ["not-independent"],
        ["alone"],
    ]


def test_a_fault_that_cannot_be_taken_back_keeps_no_other() -> None:
    lab, some = Recorder(code=1), [fault("one", "a", "x"), fault("two", "b", "y")]
    with pytest.raises(LabError):
        faults.undo(lab, *some)
    assert [line[0] for line in lab.done] == ["b", "a"]


def test_faults_of_a_round_are_taken_back_in_reverse(tmp_path: Path) -> None:
    lab, some = Recorder(), [fault("one", "a", "x"), fault("two", "b", "y")]
    faults.inject(lab, *some)
    faults.undo(lab, *some)
    assert [line[0] for line in lab.done] == ["a", "b", "b", "a"]


OURS = faults.load_all()


@cache
def expectations(site: str) -> dict[str, Expectation]:
    """All expectations of a reference site, by id."""
    folder = BUNDLES / site
    manifests = (folder / name / "manifest.json" for name in load_site(folder / "site.json").nodes)
    return {one.id: one for path in manifests for one in load_manifest(path).expectations}


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_a_fault_blocks_is_what_needs_the_rest(name: str) -> None:
    every = expectations(OURS[name].site)
    expected = OURS[name].expected(every)
    wrong = {
        one.id
        for one in every.values()
        if any(need in expected for need in one.needs) != (expected.get(one.id) is Status.BLOCKED)
    }
    assert not wrong


# What no container has is broken in the real machine (tests/live/test_machine.py), and what the
# reference sites do not have in a site of its own (tests/live/test_proxied.py).
ELSEWHERE = {"ceph_device", "unix_socket"}


def test_every_kind_is_turned_red_by_some_fault() -> None:
    red = {
        expectations(fault.site)[one].kind
        for fault in OURS.values()
        for one, status in fault.expected(expectations(fault.site)).items()
        if status is Status.FAIL
    }
    used = {one.kind for fault in OURS.values() for one in expectations(fault.site).values()}
    assert red == used == set(KINDS) - ELSEWHERE
