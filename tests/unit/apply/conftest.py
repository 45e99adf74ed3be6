"""A make-believe node, bare, and one with a bit of everything in its bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.node import GROUP, Node

UUID = "2f6f9f1e-5b0f-5c54-9b0d-4c3a5b6d7e8f"
SSH = "203.0.113.5 50000 10.77.0.11 22"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


@pytest.fixture
def full(node: Node) -> Node:
    """A node with a bit of everything."""
    node.plan += ["package\tchrony", f"user\tops\t/bin/bash\t{GROUP}", "absent\t/etc/old.conf"]
    node.write("etc/old.conf", "left by an earlier bundle\n")
    node.file("/etc/sudoers.d/ops", "ops ALL=(ALL) NOPASSWD: ALL\n", "0440", "sudoers")
    node.file("/etc/chrony/chrony.conf", "server ntp.example.internal\n", form="chrony")
    node.file("/etc/systemd/system/stook-apply.service", "[Service]\n", form="unit")
    node.block("/etc/hosts", "10.77.0.11\tnode-gfs1\n10.77.0.12\tnode-gfs2\n", "node-gfs1")
    node.plan += [
        "unit\tchrony.service\tstart\trestart\t/etc/chrony/chrony.conf",
        "unit\tstook-apply.service\tno-block\t-\t-",
    ]
    (node.notes / "passwd").write_text("")
    return node
