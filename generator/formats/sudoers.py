"""sudoers(5)."""

from __future__ import annotations

from generator.formats import Format, Validator
from generator.formats.text import decoded


def quote(name: str) -> str:
    """A user name for sudoers(5): everything but letters, digits and `_-` behind a backslash."""
    return "".join(c if c.isalnum() or c in "_-" else f"\\{c}" for c in name)


VALIDATOR = Validator(
    "sudoers",
    "visudo -c -q -f {}",
    "{} is not a valid sudoers file; it was not installed",
    "early",
)
FORMAT = Format(decoded, VALIDATOR, quote)
