"""The reference site, for all tests that need nothing but it: it is booted once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.site import SITE, bad, running, settled
from verify.lab.site import Lab


@pytest.fixture(scope="package")
def lab() -> Iterator[Lab]:
    """Formed and green."""
    with running(SITE) as made:
        assert not bad(settled("--active"))
        yield made
