"""Prometheus' own judge of metrics and rules, as the system has it or `make tools` unpacks it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

UNPACKED = Path(__file__).parents[1] / ".cache/prometheus/usr/bin"


def promtool() -> str:
    """Where it is."""
    place = shutil.which("promtool", path=f"{UNPACKED}:{os.environ['PATH']}")
    assert place, "no promtool here: make tools"
    return place
