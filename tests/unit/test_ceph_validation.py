"""What a crushtool that is installed says of predictions; its answers are recorded (16.2.15)."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.claims import Claims
from generator.components.ceph.validation import validate
from generator.language.findings import Finding
from generator.planning.site import Site
from tests.unit.test_ceph_predictions import made, on

SAMPLES = Path(__file__).parents[1] / "samples"
TOOL = """#!/bin/sh
case $1 in
    -c) {compile} ;;
    *) cat {answer} ;;
esac
"""


def found(folder: Path, hosts: list[int], compile: str = "true") -> list[Finding]:
    """The findings with a crushtool that gives the answer for so many OSDs on each host."""
    tool = folder / "crushtool"
    name = "-".join(map(str, hosts))
    answer = SAMPLES / f"crushtool-16.2-{name}.txt"
    tool.write_text(TOOL.format(compile=compile, answer=answer))
    tool.chmod(0o755)
    made = site(folder, hosts)
    return list(validate(made, on(made), Claims()))


def site(folder: Path, hosts: list[int]) -> Site:
    return made(folder, hosts, "host", size=3, pg_num=32)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


def test_nothing_is_said_where_it_places_as_predicted(tmp_path: Path) -> None:
    assert not found(tmp_path, [2, 2, 2, 2])


def test_hosts_of_very_unequal_size_leave_groups_without_a_copy(tmp_path: Path) -> None:
    (one,) = found(tmp_path, [24, 1, 1])
    assert one.rule == "C118" and one.path == ("ceph", "pools", "data")
    assert one.message == (
        "pool `data`: 5 groups with 2 copies, 27 groups with 3 copies, and 3 predicted"
    )


def test_a_map_that_it_does_not_take_is_told(tmp_path: Path) -> None:
    (one,) = found(tmp_path, [2, 2, 2, 2], "echo 'm.txt:4 error: parse error'; exit 1")
    assert one.message == "crushtool: m.txt:4 error: parse error"


def test_without_it_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    made = site(tmp_path, [24, 1, 1])
    assert not list(validate(made, on(made), Claims()))
