"""The node's units render strictly, and none waits for what waits for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, StrictUndefined

COMPONENTS = Path(__file__).parents[2] / "generator" / "components"
VALUES = {"ports": "/etc/sysctl.d/60-stook-gluster.conf", "site": "shop"}
UNITS = (
    "base/templates/stook-apply.service.j2",
    "firewall/templates/firewalld.service.j2",
    "gluster/templates/stook-gluster.service.j2",
    "gluster/templates/stook-gluster-form.service.j2",
)


def render(name: str, **values: object) -> str:
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string((COMPONENTS / name).read_text()).render(**VALUES | values)


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
