"""The group that `stook` is: late imports, and errors of the system told in a line."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

LAZY = {
    "new": ("generator.commands.scaffolding:new", "Write the first spec of a new site."),
    "secrets": (
        "generator.commands.secrets:secrets",
        "Make up what the spec keeps secret, and hand it out.",
    ),
    "verify": ("verify.cli:verify", "Hold nodes against their bundles."),
    "lab": ("verify.lab.cli:lab", "Boot a site's bundles as containers on this machine."),
}


class Commands(click.Group):
    """A group whose bigger commands are imported only when they are called."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click's; what cannot be written or read is said in a line, with exit code 2."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if sys.stdout is sys.__stdout__ and sys.stdout and not error.filename:
                # what is left in the stream would fail once more when Python ends
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            place = os.fsdecode(error.filename) if error.filename else "standard output"
            said = f"{place}: {error.strerror}" if error.errno else str(error)
            click.echo(f"Error: {said}", err=True)
            sys.exit(2)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *LAZY})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in LAZY:
            return super().get_command(ctx, cmd_name)
        module, _, name = LAZY[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List all commands without importing the lazy ones."""
        rows = []
        for name in self.list_commands(ctx):
            if name in LAZY:
                rows.append((name, LAZY[name][1]))
            elif command := super().get_command(ctx, name):
                rows.append((name, command.get_short_help_str(80)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)
