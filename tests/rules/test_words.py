"""What findings say, where what they said before was not true or named nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.language.findings import Finding, Severity
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


def test_a_comma_outside_of_braces_is_no_range(tmp_path: Path) -> None:
    for name, value in (("quoted", '"n[1:2]"'), ("bare", "n[1:2]")):
        home = tmp_path / name
        home.mkdir()
        text = f"stook: 1\nmount:\n  path: /a, nodes: {value}\n"
        (one,) = spec({"text": text}, home).findings
        assert one.rule == "Y104" and one.span and (one.span.line, one.span.column) == (3, 11)
        assert "in a line of its own" in one.help


def test_a_range_that_is_too_long_is_told_how_far_it_goes(tmp_path: Path) -> None:
    assert said("N106-range", tmp_path).help == "of `n[1:9]` there is `n1` to `n6`"


def test_a_number_is_no_mistyped_name(tmp_path: Path) -> None:
    assert "did you mean" not in said("N106-number", tmp_path).help


@pytest.mark.parametrize("name", ["G103-alone", "G103-path"])
def test_a_brick_without_a_disk_is_one_mistake(name: str, tmp_path: Path) -> None:
    every = spec(load(name)["bad"], tmp_path).findings
    found = [one for one in every if one.severity is Severity.ERROR]
    assert [one.rule for one in found] == ["G103"]
    assert found[0].help.startswith(("name a disk of", "write DISK/DIRECTORY"))


def test_the_other_brick_is_shown_where_it_is_written(tmp_path: Path) -> None:
    one = said("G109", tmp_path)
    assert one.also == (("gluster", "volumes", "wp", "brick"),)
    home = tmp_path / "itself"
    home.mkdir()
    assert not said("G109-itself", home).also


def test_what_the_system_mounts_is_left_out_and_not_said_as_a_disk(tmp_path: Path) -> None:
    assert said("N158-boot", tmp_path).help.startswith("leave it out")
    assert "mount it elsewhere" in said("N158-system", tmp_path).help


def test_a_field_that_is_none_is_named_whole(tmp_path: Path) -> None:
    assert said("F103-longer", tmp_path).message.startswith("`$time_local` is no field")
