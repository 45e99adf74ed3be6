"""chrony.conf(5)."""

from __future__ import annotations

from generator.formats import Format, Validator
from generator.formats.text import decoded

VALIDATOR = Validator("chrony", "chronyd -p -f {}", "chronyd refuses the new configuration")
FORMAT = Format(decoded, VALIDATOR)
