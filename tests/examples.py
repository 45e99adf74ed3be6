"""How many examples a property is tried on: the usual number, or what `make soak` wants."""

from __future__ import annotations

import os


def examples(usual: int) -> int:
    """`usual`, unless STOOK_TEST_EXAMPLES says how many."""
    return int(os.environ.get("STOOK_TEST_EXAMPLES") or usual)
