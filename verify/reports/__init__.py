"""The formats of a report, one module each.

A new one is a module and a line of the table: `stook verify --format` knows it from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

from verify.contract import Report


class Format(Protocol):
    """What each module of this package offers."""

    def write(self, reports: Sequence[Report]) -> str:
        """All sites of a run as one document that ends with a line's end."""


FORMATS: Mapping[str, str] = {
    "text": "verify.reports.text",
    "json": "verify.reports.json",
    "junit": "verify.reports.junit",
    "prometheus": "verify.reports.prometheus",
}


def load_format(name: str) -> Format:
    """The format of this name, which the table has."""
    return cast(Format, import_module(FORMATS[name]))
