"""Every fault of the lab turns exactly its own checks red, and is gone when it is undone.

The expected sets were written by hand into `verify/lab/faults/`; this compares whole sets, so a
check that stays green by mistake fails here as much as one that turns red by mistake.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.live.site import SITE, bad, fault_groups, settled, shows_exactly
from verify.lab.site import Lab

pytestmark = pytest.mark.live
GROUPS = fault_groups(SITE)


@pytest.mark.parametrize("name", GROUPS)
def test_faults_turn_exactly_their_checks_red(
    name: str, lab: Lab, record_property: Callable[[str, object], None]
) -> None:
    shows_exactly(lab, GROUPS[name], record_property)


def test_after_all_of_them_everything_works_as_before(lab: Lab) -> None:
    assert not bad(settled("--active"))


def test_there_are_enough() -> None:
    assert sum(map(len, GROUPS.values())) >= 20
