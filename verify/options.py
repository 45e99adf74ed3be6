"""The options that say where a report goes, and which earlier ones it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from verify.destination import Destination
from verify.reports import FORMATS

OF_REPORTS = (
    click.option(
        "--format",
        "form",
        type=click.Choice([*FORMATS]),
        default="text",
        show_default=True,
    ),
    click.option(
        "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file."
    ),
    click.option(
        "--keep",
        type=click.Path(file_okay=False, path_type=Path),
        help="Keep the report in this folder, too, as JSON; implies --since of it.",
    ),
    click.option(
        "--keep-last",
        type=click.IntRange(min=1),
        metavar="N",
        help="Of each site keep no more than N; all without this.",
    ),
    click.option(
        "--keep-days",
        type=click.IntRange(min=1),
        metavar="N",
        help="Keep none that is older than N days.",
    ),
    click.option(
        "--since",
        type=click.Path(exists=True, path_type=Path),
        metavar="FILE",
        help="Say what has changed since this JSON report, or the last one in a folder.",
    ),
    click.option(
        "--controls",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Say which controls of a catalogue are met; repeatable. nist-sp-800-53 is an example.",
    ),
    click.option(
        "--sign",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="KEY",
        help="Sign what goes to a file, as FILE.sig, with this key of ssh.",
    ),
    click.option(
        "--signers",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Believe an earlier report only if one of these has signed it (allowed_signers).",
    ),
)


def of_reports(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a report, which a command has as one argument `report`."""
    names = [field.name for field in fields(Destination)]

    @wraps(command)
    def gathered(**values: Any) -> None:
        own = {name: values.pop(name) for name in names}
        command(**values, report=Destination(**own))

    for option in reversed(OF_REPORTS):
        gathered = option(gathered)
    return gathered
