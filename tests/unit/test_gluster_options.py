"""The shipped lists of volume options cover the platforms, and what Stook sets by itself."""

from __future__ import annotations

import pytest

from generator import platforms
from generator.components.gluster.layout import HEAL, QUORUM, SMALL_FILES
from generator.components.gluster.options import volume_options


@pytest.mark.parametrize("name", platforms.names())
def test_a_platform_s_release_takes_what_is_set_by_itself(name: str) -> None:
    known = volume_options(platforms.load(name).versions["glusterfs"])
    assert known >= {*SMALL_FILES, *QUORUM, *HEAL}
