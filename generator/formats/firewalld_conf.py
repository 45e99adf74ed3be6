"""firewalld.conf(5)."""

from __future__ import annotations

from generator.formats import Format, Validator
from generator.formats.text import decoded

VALIDATOR = Validator(
    "firewalld",
    "firewall-offline-cmd --check-config",
    "firewalld refuses the new configuration",
)
FORMAT = Format(decoded, VALIDATOR)
