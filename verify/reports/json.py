"""A report for programs: one as an object, several as a list of them."""

from __future__ import annotations

from collections.abc import Sequence

from verify.contract import Report
from verify.report import CONTROL
from verify.serialization import dump


def write(reports: Sequence[Report]) -> str:
    """Nothing in it acts on a terminal, and everything is read back as it was."""
    if len(reports) == 1:
        text = dump(reports[0]).decode()
    else:
        text = "[\n" + ",\n".join(dump(report).decode().rstrip() for report in reports) + "\n]\n"
    # JSON escapes those of ASCII only
    return CONTROL.sub(lambda m: m[0] if m[0] < " " else f"\\u{ord(m[0]):04x}", text)
