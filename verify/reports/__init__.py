"""The formats of a report, one module each.

A new one is a module and a line of the table: `stook verify --format` knows it from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast, runtime_checkable

from verify.contract import Report
from verify.report import exit_code


class Format(Protocol):
    """What each module of this package offers."""

    def write(self, reports: Sequence[Report]) -> str:
        """All sites of a run as one document that ends with a line's end."""


@runtime_checkable
class Plugin(Protocol):
    """What a format offers besides whose reader has exit codes of its own."""

    REFUSED: int

    def exit_code(self, reports: Sequence[Report]) -> int:
        """What the command ends with after a run."""

    def refusal(self, why: str) -> str:
        """The document of a run that did not come about, which ends with `REFUSED`."""


FORMATS: Mapping[str, str] = {
    "text": "verify.reports.text",
    "json": "verify.reports.json",
    "junit": "verify.reports.junit",
    "prometheus": "verify.reports.prometheus",
    "nagios": "verify.reports.nagios",
    "markdown": "verify.reports.markdown",
    "html": "verify.reports.html",
}


def load_format(name: str) -> Format:
    """The format of this name, which the table has."""
    return cast(Format, import_module(FORMATS[name]))


def code_of(name: str, reports: Sequence[Report]) -> int:
    """What `stook verify` ends with in this format."""
    form = load_format(name)
    return form.exit_code(reports) if isinstance(form, Plugin) else exit_code(reports)
