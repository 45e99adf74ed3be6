"""`stook secrets`: the one file that holds a site's secrets, and what an admin copies to each node.

`secrets.yaml` stands beside the spec, readable by its owner only, and is committed nowhere. No
bundle depends on it: nodes get each secret as a file of its own.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from generator.claims import Secret
from generator.pipeline import Run, run, spec_file
from verify.kinds.secret import FORMS

FILE = "secrets.yaml"


@click.command()
@click.argument("spec", type=click.Path(path_type=Path), default=".")
@click.option("--set", "name", metavar="NAME", help="Take this secret's value from standard input.")
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path),
    help="Write DIR/NODE/NAME, to be copied to each node's /var/lib/stook/secrets.",
)
def secrets(spec: Path, name: str | None, target: Path | None) -> None:
    """Make up the secrets that a spec names and secrets.yaml has not got yet.

    What is there already is never changed, unless --set names it. Nothing secret is printed.
    """
    this = run(spec)
    wanted = _wanted(this)
    place = spec_file(spec).parent / FILE
    known = _read(place)
    values = dict(known)
    if name is not None:
        values[name] = _given(name, wanted)
    for one in wanted.values():
        if one.made:
            values.setdefault(one.name, FORMS[one.form]())
    if values != known:
        _write(place, values)
    _tell(wanted, known, values)
    missing = sorted(set(wanted) - set(values))
    if missing:
        raise click.ClickException(f"not made up, use --set: {', '.join(missing)}")
    if target is not None:
        _export(this, values, target)


def _wanted(this: Run) -> Mapping[str, Secret]:
    """The secrets of a site by name; leaves with its findings where the spec has errors."""
    if this.plan is None or this.failed:
        from generator.commands import report

        click.echo(report.findings(this.findings, "text", False))
        sys.exit(1)
    plan = this.plan
    return {one.name: one for node in plan.site.nodes for one in plan.claims.of(Secret, node)}


def _given(name: str, wanted: Mapping[str, Secret]) -> str:
    if name not in wanted:
        known = ", ".join(sorted(wanted)) or "none at all"
        raise click.UsageError(f"the spec names no secret {name!r}; it has {known}")
    value = sys.stdin.read().rstrip("\n")
    if not value:
        raise click.UsageError(f"standard input is empty: --set {name} takes the value from there")
    return value


def _read(place: Path) -> dict[str, str]:
    """The values that there are. Leaves with the finding where the file cannot be read."""
    from generator.commands import report
    from generator.language import source

    if not place.exists():
        return {}
    read = source.read(place)
    if read.findings:
        click.echo(report.findings(read.findings, "text", False))
        sys.exit(1)
    plain = read.data()
    if not isinstance(plain, dict):
        raise click.ClickException(f"{place.name} is a mapping of names to values")
    if stat.S_IMODE(place.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        click.echo(f"warning: others may read {place}: chmod 600 {place}", err=True)
    odd = [key for key, value in plain.items() if not isinstance(value, str) or not value]
    if odd:
        raise click.ClickException(f"{place.name}: quote the value of {', '.join(odd)}")
    return plain


def _write(place: Path, values: Mapping[str, str]) -> None:
    from generator.rendering.userdata import dump_yaml

    _put(place, dump_yaml(dict(sorted(values.items()))))


def _put(place: Path, text: str) -> None:
    """A whole file that nobody else may read, not even while it is written."""
    new = place.with_name(f".{place.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(place)


def _tell(
    wanted: Mapping[str, Secret], known: Mapping[str, str], values: Mapping[str, str]
) -> None:
    if not wanted:
        click.echo("the spec names no secret")
    for name in sorted({*wanted, *values}):
        if name not in wanted:
            click.echo(f"{name}: in {FILE}, and nothing in the spec uses it")
            continue
        state = "MISSING" if name not in values else "there"
        if name in values and values[name] != known.get(name):
            state = "set" if name in known else "new"
        click.echo(f"{name}: {state} ({wanted[name].purpose})")


def _export(this: Run, values: Mapping[str, str], target: Path) -> None:
    assert this.plan is not None
    for node in this.plan.site.nodes:
        folder = target / node
        for one in this.plan.claims.of(Secret, node):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(stat.S_IRWXU)
            _put(folder / one.name, values[one.name])
    click.echo(f"wrote {target}/NODE/NAME: copy each folder's files to /var/lib/stook/secrets")
