"""The `stook` command: thin, and quick to start, because each command imports what it needs.

Exit codes: 0 fine, 1 a finding of severity error or a difference, 2 usage; `verify` has its own.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.commands.group import Commands
from verify.contract import CONTRACT, VERSION

if TYPE_CHECKING:
    import datetime

    from generator.language.findings import Finding
    from generator.pipeline import Run


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    VERSION, prog_name="stook", message=f"%(prog)s %(version)s, contract {CONTRACT}"
)
@click.pass_context
def main(context: click.Context) -> None:
    """From one spec to per-node bundles, and to proof that the nodes are what it says.

    SPEC is a site.yaml, the folder that holds one (`.` where none is given), or `-` for a spec on
    standard input, which is read as if it stood here.
    """
    # a run makes no garbage in cycles worth looking for; the looking was a tenth of a build
    gc.disable()
    # `verify` never imports what reads specs
    context.obj = _digest


def _here(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Without a path it is the folder that one stands in; there is one standard input."""
    if paths.count(Path("-")) > 1:
        raise click.BadParameter("`-` is given twice, and there is one standard input")
    return paths or (Path(),)


specs = click.argument(
    "specs", nargs=-1, metavar="[SPEC]...", type=click.Path(path_type=Path), callback=_here
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
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "html"]),
    default="text",
    help="Of people: text, or html, one page that needs nothing else. Of programs: json, github.",
)
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
    if form == "html":
        click.echo(_page(runs), nl=False)
        sys.exit(any(run.failed for run in runs))
    for run in runs:
        click.echo(show.plan_text(run))
    _finish(iter(runs), form)


def _page(runs: Sequence[Run]) -> str:
    """The plan of the one spec as a page; of one that is no plan yet, what keeps it from it."""
    from generator.rendering.handbook import page

    if len(runs) > 1:
        raise click.UsageError("a page is of one site; give one spec")
    (run,) = runs
    if run.plan is None or run.rendered is None:
        name = "The spec" if run.source.name == "-" else run.source.name
        return page.stopped(name, run.findings)
    return page.write(run.plan, run.rendered, run.findings)


@main.command()
@specs
@form
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name what differs.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write to DIR/SITE instead."
)
def build(specs: tuple[Path, ...], form: str, only_check: bool, out: Path | None) -> None:
    """Write every node's bundle beside the spec."""
    if Path("-") in specs and not out:
        raise click.UsageError("a spec on standard input is built with --out DIR")
    notes: list[str] = []
    _finish(_built(specs, only_check, out, notes), form, notes)


def _built(
    specs: tuple[Path, ...], only_check: bool, out: Path | None, notes: list[str]
) -> Iterator[Run]:
    from generator import pipeline
    from generator.commands import built
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
                built.compared(run, folder)
            else:
                changes = built.before(run, folder)
                pipeline.build(run, folder)
                notes += () if run.failed else built.written(run, folder, *changes)
        yield run


@main.command()
@click.argument("old", type=click.Path(path_type=Path), default=".")
@click.argument("new", type=click.Path(path_type=Path), required=False)
def diff(old: Path, new: Path | None) -> None:
    """Show what a change does to each node.

    OLD and NEW are specs or built site folders. With OLD alone, or none: a site's spec against
    what was built from it last.
    """
    from generator.commands import built
    from generator.rendering import compare

    try:
        before = built.files(old) if new else built.stored(old)
        lines = list(compare.diff(before, built.files(new or old)))
    except built.Unusable as error:
        raise click.UsageError(str(error)) from None
    for line in lines:
        click.echo(line)
    sys.exit(bool(lines))


def _ids(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from generator.pipeline import rules

    return [rule for rule in rules() if rule.startswith(incomplete.upper())]


@main.command()
@click.argument("id", required=False, shell_complete=_ids)
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


def _digest(folder: Path) -> str:
    """The digest of the spec in a folder, as its bundles have it; empty where there is none."""
    from generator.language import decode, source
    from generator.pipeline import spec_file

    place = spec_file(folder)
    read = source.read(place) if place.is_file() else None
    return decode.digest(read) if read and not read.findings else ""


def _runs(specs: tuple[Path, ...], today: datetime.date) -> Iterator[Run]:
    from generator.pipeline import run

    for spec in specs:
        yield run(spec, today)


def _validated(runs: Iterator[Run]) -> Iterator[Run]:
    from generator.pipeline import validate

    for run in runs:
        validate(run)
        yield run


def _finish(runs: Iterator[Run], form: str, notes: Sequence[str] = ()) -> None:
    """Write all findings and leave with 1 when one of them is an error.

    `notes` are what people are told besides, filled while the runs are taken.
    """
    from generator.commands import report

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    failed, written = False, 0
    everything: list[Finding] = []
    for run in runs:
        failed |= run.failed
        everything += run.findings
        if form == "text":
            if run.findings:
                click.echo(report.findings(run.findings, form, colour) + "\n", color=colour)
            click.echo(f"{run.source.name}: {report.count(run.findings)}")
            for line in notes[written:]:
                click.echo(line)
            written = len(notes)
    if form != "text":
        text = report.findings(everything, form, colour)
        if text:
            click.echo(text)
    sys.exit(failed)
