"""What findings say, where what they said before was not true or named nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.language.findings import Finding
from tests.rules.test_rules import load, spec


def said(name: str, folder: Path) -> Finding:
    rule = name.partition("-")[0]
    (one,) = (one for one in spec(load(name)["bad"], folder).findings if one.rule == rule)
    return one


def test_a_pool_whose_size_makes_it_one_copy_is_told_the_default(tmp_path: Path) -> None:
    one = said("C03-default", tmp_path)
    assert one.message.endswith("without `min_size`, it is 1 of `size: 2`")
    assert "`size: 3`" in one.help and "`min_size: 2`" in one.help
    assert "leave it out" not in one.help


def test_three_copies_with_an_arbiter_are_gluster_s_own_words_for_two(tmp_path: Path) -> None:
    one = said("G104", tmp_path)
    assert "gluster's way to write two copies and an arbiter" in one.message
    assert "write `replica: 2` with `arbiter: 1`" in one.help


@pytest.mark.parametrize(
    ("name", "four", "six"), [("C114", "n1", "x1"), ("G113", "n1", "n6")], ids=["ceph", "gluster"]
)
def test_addresses_of_two_families_are_told_with_a_node_of_each(
    name: str, four: str, six: str, tmp_path: Path
) -> None:
    one = said(name, tmp_path)
    assert f"`{four}` has an IPv4 address" in one.message
    assert f"`{six}` an IPv6 one" in one.message
    assert one.path == ("nodes", six)
