"""Reports for programs: one shape for one site and for many (docs/reference/report.schema.json)."""

from __future__ import annotations

from collections.abc import Sequence

from verify.contract import CONTRACT, VERSION, Report, Status
from verify.report import CONTROL, exit_code
from verify.serialization import compact, dump

STATUSES = {0: Status.PASS, 1: Status.FAIL, 3: Status.UNKNOWN}


def write(reports: Sequence[Report]) -> str:
    """Nothing in it acts on a terminal, and `serialization.load_reports` reads all of it again."""
    head = f'"contract": {CONTRACT},\n"status": {compact(STATUSES[exit_code(reports)])}'
    sites = ",\n".join(dump(report).decode().rstrip() for report in reports)
    text = f'{{\n{head},\n"tool": {compact(VERSION)},\n"sites": [\n{sites}\n]\n}}\n'
    # JSON escapes those of ASCII only
    return CONTROL.sub(lambda m: m[0] if m[0] < " " else f"\\u{ord(m[0]):04x}", text)
