"""What becomes of a mistake or a bug where the reader of a report has exit codes of its own."""

from __future__ import annotations

import itertools
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from verify.reports import FORMATS, Plugin, load_format


class Command(click.Command):
    """A command whose mistakes and bugs reach the reader of a format that has codes of its own."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        words = list(args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as mistake:
            _refuse(_form_of(words), mistake.format_message())
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as mistake:
            _refuse(ctx.params["form"], mistake.format_message())
            raise
        except (click.exceptions.Exit, click.Abort):
            raise
        except Exception as bug:
            if isinstance(load_format(ctx.params["form"]), Plugin):
                traceback.print_exc()
            _refuse(ctx.params["form"], f"{type(bug).__name__}: {bug}")
            raise


def _form_of(words: Sequence[str]) -> str:
    """The format that a command line asks for which cannot be read as a whole."""
    pairs = itertools.pairwise(words)
    named = [value for option, value in pairs if option == "--format"]
    named += [word.removeprefix("--format=") for word in words if word.startswith("--format=")]
    return next((name for name in named if name in FORMATS), "text")


def _refuse(name: str, why: str) -> None:
    form = load_format(name)
    if isinstance(form, Plugin):
        click.echo(form.refusal(why), nl=False)
        sys.exit(form.REFUSED)
