"""`stook secrets`: the one file that holds a site's secrets, and what an admin copies to each node.

`secrets.yaml` stands beside the spec, readable by its owner only, and is committed nowhere. No
bundle depends on it: nodes get each secret as a file of its own.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

import click

from generator.claims import Secret
from generator.pipeline import Run, run, spec_file
from generator.rendering.handbook.node import bring
from verify.kinds.secret import FORMS

FILE = "secrets.yaml"
IGNORE, ALL = ".gitignore", "*\n"


@click.command()
@click.argument("spec", type=click.Path(path_type=Path), default=".")
@click.option(
    "--set",
    "name",
    metavar="NAME",
    help="Take this secret's value from standard input; on a terminal it is asked for, unseen.",
)
@click.option(
    "--export",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
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
    hide = _unseen(target) if target is not None else False
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
        names = "".join(f"\n  stook secrets {spec} --set {name}" for name in missing)
        raise click.ClickException(f"not made up, use --set: {', '.join(missing)}{names}")
    if target is not None:
        _export(this, values, target, hide)


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
    if sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, confirmation_prompt=True, err=True))
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


def _unseen(target: Path) -> bool:
    """Whether the folder has to hide itself from a git repository that it is in.

    Raises UsageError where it is tracked there, or holds something that it would hide as well.
    """
    folder = target.resolve()
    repository = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
    if repository is None:
        return False
    if _git(repository, "ls-files", "--", str(folder)):
        raise click.UsageError(f"--export {target}: {repository} has files of it in git")
    if _git(repository, "check-ignore", "--", str(folder / "any")):
        return False
    ours = (folder / IGNORE).is_file() and (folder / IGNORE).read_text("utf-8") == ALL
    if not ours and folder.exists() and any(folder.iterdir()):
        raise click.UsageError(
            f"--export {target} is in the git repository {repository}, which does not ignore it: "
            "give a folder that is not there yet, or one outside"
        )
    return True


def _git(repository: Path, *words: str) -> str:
    """What git says; nothing where there is none, which is taken as the worse."""
    try:
        return subprocess.run(
            ["git", "-C", str(repository), *words], capture_output=True, text=True
        ).stdout
    except OSError:
        return ""


def _export(this: Run, values: Mapping[str, str], target: Path, hide: bool) -> None:
    assert this.plan is not None
    if hide:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        (target / IGNORE).write_text(ALL, "utf-8")
    nodes = [node for node in this.plan.site.nodes if any(this.plan.claims.of(Secret, node))]
    for node in nodes:
        folder = target / node
        for one in this.plan.claims.of(Secret, node):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(stat.S_IRWXU)
            _put(folder / one.name, values[one.name])
    click.echo(f"wrote {target}/NODE/NAME. To each node, as you would by hand:")
    for node in nodes:
        click.echo(f"  {bring(quote(str(target / node)), node)}")
    click.echo(f"Then remove it: rm -r {quote(str(target))}")
