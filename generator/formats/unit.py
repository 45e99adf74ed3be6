"""Whole units of systemd."""

from __future__ import annotations

from generator.formats import Format, Validator
from generator.formats.dropin import read

VALIDATOR = Validator(
    "unit", "systemd-analyze verify --man=no {}", "systemd-analyze verify {}", "warn"
)
FORMAT = Format(read, VALIDATOR)
