"""Every rule has text that triggers it and text that just does not; a new case is a file.

`cases/ID.yaml`, or `cases/ID-WHICH.yaml`, holds `bad` and `good`, each either whole `text` or
`replace` pairs for base.yaml, and `at`, the path that the finding must name.
"""

from __future__ import annotations

import base64
import datetime
import random
from pathlib import Path
from typing import Any

import pytest

from generator.language.findings import dotted, errors
from generator.pipeline import Run, rules, run
from tests.reading import from_yaml

HERE = Path(__file__).parent
TODAY = datetime.date(2026, 7, 1)
CASES = sorted(path.stem for path in (HERE / "cases").glob("*.yaml"))

# Rules about a bundle on disk, or a bug of ours, are triggered where those are tested.
ELSEWHERE = {"Y101": "test_source", "B101": "test_bundle", "B102": "test_bundle"}
ELSEWHERE |= {"F04": "test_review", "F105": "test_review", "F110": "test_review"}
ELSEWHERE |= {"C118": "test_ceph_validation"}
ELSEWHERE |= {"B103": "test_bundle", "B104": "test_bundle", "B110": "test_recheck"}
ELSEWHERE |= {"B111": "test_needs", "P102": "test_platforms"}
ELSEWHERE |= {"P103": "test_platforms", "N150": "test_renamed"}


def many_keys() -> str:
    """More public keys than EC2's user-data takes; keys do not compress."""
    chance = random.Random(1)
    head = b"\0\0\0\7ssh-rsa\0\0\0\3\1\0\1\0\0\1\x80"
    keys = (base64.b64encode(head + chance.randbytes(384)).decode() for _ in range(60))
    return "".join(f"ssh-rsa {key}, " for key in keys)


def spec(side: dict[str, Any], folder: Path) -> Run:
    return run(write(side, folder), TODAY)


def write(side: dict[str, Any], folder: Path) -> Path:
    text = side.get("text")
    if text is None:
        text = (HERE / "base.yaml").read_text()
        for old, new in side["replace"]:
            assert old in text, old
            text = text.replace(old, new.replace("{KEYS}", many_keys()))
    path = folder / "site.yaml"
    path.write_bytes(text.encode())
    return path


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = from_yaml((HERE / "cases" / f"{name}.yaml").read_text())
    return found


def rule(name: str) -> str:
    return name.partition("-")[0]


@pytest.mark.parametrize("name", CASES)
def test_the_bad_text_triggers_it_at_its_place(name: str, tmp_path: Path) -> None:
    case = load(name)
    found = [f for f in spec(case["bad"], tmp_path).findings if f.rule == rule(name)]
    assert found, f"{name} was not triggered"
    assert all(f.span and f.message and f.help for f in found)
    if "at" in case:
        assert case["at"] in {dotted(f.path) for f in found}


@pytest.mark.parametrize("name", CASES)
def test_the_good_text_just_does_not(name: str, tmp_path: Path) -> None:
    case = load(name)
    this = spec(case["good"], tmp_path)
    assert rule(name) not in {f.rule for f in this.findings if not f.accepted}
    if "replace" in case["good"]:
        assert not errors(this.findings), this.findings


def test_every_rule_has_a_case() -> None:
    assert set(rules()) == {rule(name) for name in CASES} | set(ELSEWHERE)


def test_every_rule_says_what_why_and_the_way_out() -> None:
    for one in rules().values():
        assert one.title[0].islower() or one.title.startswith(("YAML", "a YAML")), one.id
        assert one.why.endswith(".") and len(one.why) > 30, one.id
        assert one.fix and not one.fix.endswith("."), one.id
