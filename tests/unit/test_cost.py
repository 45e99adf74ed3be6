"""What a large site costs: work is counted, because seconds differ from machine to machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from generator.commands import show
from generator.components.fail2ban import filters
from generator.planning.site import Node
from generator.rendering import userdata
from verify import serialization

SPEC = """\
stook: 1
site: large
identity: 6f1c0f5e-6c1b-4b0e-9d57-0c9a6b7f2d11
networks: {{internal: [10.77.0.0/16]}}
nodes: {{"n[1:{count}]": {{address: "10.77.1.[1:{count}]"}}}}
admins:
  ops: {{ssh_keys: ["ssh-ed25519 {key}"]}}
time: {{servers: [192.0.2.1]}}
disks: {{brick1: {{device: /dev/xvdf, mount: /bricks/b1}}}}
gluster:
  nodes: "n[1:3]"
  volumes: {{wp: {{replica: 3, brick: brick1/gv, mount: {{path: /www, nodes: "n[1:3]"}}}}}}
fail2ban:
  jails:
    own:
      watch: {{log: /var/log/own.log, format: '$client [$time] "$request"', request: 'POST /x'}}
      maxretry: 5
      findtime: 10m
      bantime: 1h
"""
KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIDZ4lNv0PTnE1xZ8C3C0fT3gU2WQ1sVzv1bqk8qT5o2L"


def run(folder: Path, count: int) -> None:
    (folder / "site.yaml").write_text(SPEC.format(count=count, key=KEY))
    found = pipeline.run(folder)
    assert found.rendered and not found.failed, [f.message for f in found.findings]


def calls(folder: Path, count: int) -> int:
    """Calls of Python functions of ours that a site of so many nodes takes."""
    seen = 0

    def count_call(frame: object, event: str, _: object) -> None:
        nonlocal seen
        seen += event == "call"

    sys.setprofile(count_call)
    try:
        run(folder, count)
    finally:
        sys.setprofile(None)
    return seen


def test_twice_the_nodes_take_about_twice_the_work(tmp_path: Path) -> None:
    run(tmp_path, 3)  # what is made once
    assert calls(tmp_path, 120) < 2.2 * calls(tmp_path, 60)


def test_a_plan_makes_no_manifest_and_a_build_one_for_each_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site.yaml").write_text(SPEC.format(count=9, key=KEY))
    dump, dumped = serialization.dump, []

    def counted(value: Any) -> bytes:
        dumped.append(type(value).__name__)
        return dump(value)

    monkeypatch.setattr(serialization, "dump", counted)
    planned = pipeline.run(tmp_path)
    assert show.plan_text(planned)
    assert dumped.count("Manifest") == 0
    pipeline.build(planned, tmp_path)
    assert dumped.count("Manifest") == 9


def test_few_of_many_nodes_have_their_user_data_compressed_for_a_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, compressed = userdata.packed, []

    def counted(parts: Any) -> bytes:
        compressed.append(parts)
        return packed(parts)

    monkeypatch.setattr(userdata, "packed", counted)
    for count, most in ((9, 9), (60, 1)):
        compressed.clear()
        (tmp_path / "site.yaml").write_text(SPEC.format(count=count, key=KEY))
        assert show.plan_text(pipeline.run(tmp_path))
        assert len(compressed) == most


def test_no_node_is_compared_with_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def same(self: Node, other: object) -> bool:
        compared.append(other)
        return self is other

    monkeypatch.setattr(Node, "__eq__", same)
    run(tmp_path, 60)
    assert len(compared) <= 60


def test_nodes_whose_logs_are_alike_share_their_filters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, built = filters.build, []

    def counted(*asked: Any) -> filters.Filter:
        built.append(asked)
        return build(*asked)

    monkeypatch.setattr(filters, "build", counted)
    run(tmp_path, 60)
    # once for each that asks: settle, review of filters and of what a packet filter sees, expect
    assert len(built) == 4
