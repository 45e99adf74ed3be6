"""One healthy reference site for all tests that only need one; it is booted once.

Files are run in the order of their names; those that boot labs of their own come before
`test_site.py`, which is the first to ask for this one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.site import SITE, bad, settled
from verify.lab.site import Lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The reference site, formed and green."""
    made = Lab(SITE, print)
    made.up()
    try:
        assert not bad(settled("--active"))
        yield made
    finally:
        made.down()
