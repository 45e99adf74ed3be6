"""The node's templates render strictly, and `gluster.tsv` keeps to its grammar."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace as Values

import pytest
from jinja2 import Environment, StrictUndefined

COMPONENTS = Path(__file__).parents[2] / "generator" / "components"
UNITS = (
    "base/templates/stook-apply.service.j2",
    "firewall/templates/firewalld.service.j2",
    "gluster/templates/stook-gluster.service.j2",
    "gluster/templates/stook-gluster-form.service.j2",
)


def render(name: str, **values: object) -> str:
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string((COMPONENTS / name).read_text()).render(**values)


@pytest.mark.parametrize("name", UNITS)
def test_no_unit_waits_for_what_waits_for_it(name: str) -> None:
    """cloud-init's runcmd starts them, and cloud-final is after multi-user.target."""
    for line in render(name).splitlines():
        if line.startswith(("After=", "Requires=", "Wants=")):
            assert "cloud-final" not in line
            assert "multi-user.target" not in line


def test_a_oneshot_is_not_wanted_by_a_target_that_would_wait_for_it() -> None:
    assert "WantedBy=multi-user.target" not in render(UNITS[3])


@pytest.mark.parametrize("name", (UNITS[0], UNITS[3]))
def test_a_unit_that_tries_again_does_so_without_limit(name: str) -> None:
    assert "StartLimitIntervalSec=0" in render(name)
    assert "Restart=on-failure" in render(name)


def test_gluster_tsv_has_a_line_for_each_statement() -> None:
    brick = Values(node="node-gfs1", path="/bricks/b1/gv", mount="/bricks/b1", uuid="u1")
    bare = Values(node="node-gfs2", path="/bricks/b2/gv", mount=None, uuid=None)
    volume = Values(
        name="wp",
        kind="replicate",
        replica=2,
        arbiter=0,
        disperse=0,
        redundancy=0,
        bricks=[brick, bare],
        options=[("cluster.quorum-type", "auto")],
    )
    text = render(
        "gluster/templates/gluster.tsv.j2",
        me="node-gfs1",
        former="node-gfs1",
        peers=["node-gfs1", "node-gfs2"],
        volumes=[volume],
        clients=[Values(volume="wp", path="/var/www/html")],
    )
    assert text == (
        "gluster\t1\nme\tnode-gfs1\nformer\tnode-gfs1\npeer\tnode-gfs1\npeer\tnode-gfs2\n"
        "volume\twp\treplicate\t2\t0\t0\t0\n"
        "brick\twp\tnode-gfs1\t/bricks/b1/gv\t/bricks/b1\tu1\n"
        "brick\twp\tnode-gfs2\t/bricks/b2/gv\t-\t-\n"
        "option\twp\tcluster.quorum-type\tauto\nclient\twp\t/var/www/html\n"
    )


def test_a_pure_client_has_no_peers_and_no_volumes_of_its_own() -> None:
    text = render(
        "gluster/templates/gluster.tsv.j2",
        me="web-1",
        former="node-gfs1",
        peers=[],
        volumes=[],
        clients=[],
    )
    assert text == "gluster\t1\nme\tweb-1\nformer\tnode-gfs1\n"
