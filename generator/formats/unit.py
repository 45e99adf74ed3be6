"""Whole units of systemd."""

from __future__ import annotations

from generator.formats import Format
from generator.formats.dropin import read

FORMAT = Format(read, judge="unit")
