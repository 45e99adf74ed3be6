"""The `stook` command: thin, and quick to start, because each command imports what it needs.

Exit codes: 0 fine, 1 a finding of severity error or a difference, 2 usage; `verify` has its own.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verify.contract import VERSION

if TYPE_CHECKING:
    import datetime

    from generator.language.findings import Finding
    from generator.pipeline import Run

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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="stook")
def main() -> None:
    """From one spec to per-node bundles, and to proof that the nodes are what it says.

    SPEC is a site.yaml, or the folder that holds one; every command takes several.
    """
    # a run makes no garbage in cycles worth looking for; the looking was a tenth of a build
    gc.disable()


specs = click.argument(
    "specs", nargs=-1, required=True, metavar="SPEC...", type=click.Path(path_type=Path)
)
form = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How findings are written.",
)
day = click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day that waivers are judged by; the system's date without it.",
)


@main.command()
@specs
@form
@day
def check(specs: tuple[Path, ...], form: str, today: datetime.datetime | None) -> None:
    """Say what is wrong with a spec, where, and the way out."""
    _finish(_validated(_runs(specs, _date(today))), form)


@main.command()
@specs
@form
@day
def plan(specs: tuple[Path, ...], form: str, today: datetime.datetime | None) -> None:
    """Show what will be true after deployment, before there is any."""
    from generator.commands import show

    runs = list(_runs(specs, _date(today)))
    if form == "json":
        import json

        plans = [show.plan_json(run) for run in runs]
        text = json.dumps(plans[0] if len(plans) == 1 else plans, indent=2, ensure_ascii=False)
        click.echo(text)
        sys.exit(any(run.failed for run in runs))
    for run in runs:
        click.echo(show.plan_text(run))
    _finish(iter(runs), form)


@main.command()
@specs
@form
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name what differs.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to DIR/SITE instead.")
def build(specs: tuple[Path, ...], form: str, only_check: bool, out: Path | None) -> None:
    """Write every node's bundle beside the spec."""
    _finish(_built(specs, only_check, out), form)


def _built(specs: tuple[Path, ...], only_check: bool, out: Path | None) -> Iterator[Run]:
    from generator import pipeline
    from generator.rendering import bundle

    seen: dict[Path, Path] = {}
    for spec in specs:
        run = pipeline.run(spec)
        if run.site and not run.failed:
            home = pipeline.spec_file(spec).parent
            folder = out / run.site.name if out else home
            first = seen.setdefault(folder.resolve(), spec)
            if first is not spec:
                run.take([bundle.SAME_FOLDER.at(("site",), f"{first} builds to {folder}, too")])
            elif only_check:
                pipeline.compare(run, folder)
            else:
                pipeline.build(run, folder)
        yield run


@main.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
def diff(old: Path, new: Path) -> None:
    """Show what a change does to each node. OLD and NEW are specs or built site folders."""
    from generator.rendering import compare

    try:
        lines = list(compare.diff(compare.files(old), compare.files(new)))
    except compare.Unusable as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    for line in lines:
        click.echo(line)
    sys.exit(bool(lines))


@main.command()
@click.argument("id", required=False)
def explain(id: str | None) -> None:
    """Tell what a rule means and the way out; without ID, list all."""
    from generator.pipeline import rules

    known = rules()
    if id is None:
        for rule in known.values():
            click.echo(f"{rule.id}  {rule.severity.value:7}  {rule.title}")
        return
    known_rule = known.get(id.upper())
    if known_rule is None:
        import difflib

        near = difflib.get_close_matches(id.upper(), known, 1)
        hint = f"; did you mean {near[0]}?" if near else "; `stook explain` lists all"
        raise click.UsageError(f"there is no rule {id}{hint}")
    click.echo(f"{known_rule.id}: {known_rule.title} ({known_rule.severity.value})\n")
    click.echo(click.wrap_text(known_rule.why, 80) + "\n")
    click.echo(click.wrap_text(f"Way out: {known_rule.fix}.", 80))
    if known_rule.source:
        click.echo(click.wrap_text(f"Source: {known_rule.source}", 80))


@main.command()
def schema() -> None:
    """Print the JSON Schema of site.yaml, for editors."""
    import json

    from generator.language.schema import schema as json_schema

    click.echo(json.dumps(json_schema(), indent=2))


def _date(today: datetime.datetime | None) -> datetime.date:
    import datetime

    # the one place that asks the system for the date
    return today.date() if today else datetime.date.today()


def _runs(specs: tuple[Path, ...], today: datetime.date) -> Iterator[Run]:
    from generator.pipeline import run

    for spec in specs:
        yield run(spec, today)


def _validated(runs: Iterator[Run]) -> Iterator[Run]:
    from generator.pipeline import validate

    for run in runs:
        validate(run)
        yield run


def _finish(runs: Iterator[Run], form: str) -> None:
    """Write all findings and leave with 1 when one of them is an error."""
    from generator.commands import report

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    failed = False
    everything: list[Finding] = []
    for run in runs:
        failed |= run.failed
        everything += run.findings
        if form == "text":
            if run.findings:
                click.echo(report.findings(run.findings, form, colour) + "\n", color=colour)
            click.echo(f"{run.source.name}: {report.count(run.findings)}")
    if form != "text":
        text = report.findings(everything, form, colour)
        if text:
            click.echo(text)
    sys.exit(failed)
