"""chrony.conf(5)."""

from __future__ import annotations

from generator.formats import Format
from generator.formats.text import decoded

FORMAT = Format(decoded, judge="chrony")
