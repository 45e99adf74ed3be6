"""Ways out of what is wrong with a pool: they name what that pool is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_rules import load, rule, spec


@pytest.mark.parametrize(
    ("case", "way"),
    [
        ("C101-class", "give OSDs of further hosts `class: ssd`, or the pool another `class`"),
        ("C111-coded", "leave `min_size` out, which is one more than `data`"),
        ("C136-least", "leave `min_size` out, which is one more than `data`"),
        ("C136", "use `coding: 2`, and a host more"),
    ],
)
def test_a_way_out_is_one(case: str, way: str, tmp_path: Path) -> None:
    found = spec(load(case)["bad"], tmp_path).findings
    assert [one.help for one in found if one.rule == rule(case)] == [way]
