"""`stook verify`: hold the nodes of a site against the bundles that were built for them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verify import completion
from verify.contract import Level, Phase
from verify.destination import Destination
from verify.mistakes import Command
from verify.options import of_reports
from verify.plain import ContractError

if TYPE_CHECKING:
    from verify.bundles import Bundle
    from verify.contract import Report
    from verify.selection import Options


@click.command("verify", cls=Command)
@click.argument(
    "bundles",
    nargs=-1,
    metavar="[BUNDLES]...",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    callback=lambda context, parameter, folders: folders or (Path(),),
)
@click.option(
    "--target",
    default="ssh",
    show_default=True,
    metavar="NAME",
    help="ssh, docker, local, or a connection of testinfra (podman, ansible, salt).",
)
@click.option(
    "--outside",
    default="local",
    show_default=True,
    metavar="HOSTSPEC",
    help="Where to probe from outside: local, docker (the lab's), docker://NAME, ssh://HOST.",
)
@click.option(
    "--node",
    "nodes",
    multiple=True,
    metavar="NAME",
    help="Only this node; repeatable.",
    shell_complete=completion.nodes,
)
@click.option(
    "--phase",
    type=click.Choice([str(phase) for phase in Phase]),
    default=str(Phase.STEADY),
    show_default=True,
    help="How far the deployment is; what is due later is pending.",
)
@click.option("--active", is_flag=True, help="Also what acts on the nodes: writes, listeners.")
@click.option("--wait/--no-wait", default=True, help="Ask what may yet come right again.")
@click.option(
    "--timeout-multiplier",
    type=click.IntRange(min=1),
    default=1,
    envvar="STOOK_TIMEOUT_MULTIPLIER",
    show_envvar=True,
    metavar="N",
    help="Give each command N times as long, on slow machines.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="GLOB",
    help="Only ids that match; repeatable.",
    shell_complete=completion.ids,
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice([str(level) for level in Level]),
    help="Only this level; repeatable.",
)
@of_reports
@click.option("--commands", is_flag=True, help="Print all that would be run, and run nothing.")
@click.option(
    "--ssh-config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The configuration file for ssh.",
)
@click.option(
    "--ssh-identity-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The private key for ssh.",
)
@click.option("--user", default="", metavar="NAME", help="Log in as this user.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    default=lambda: date.today().isoformat(),
    help="The date that accepted deviations are held against.",
)
def verify(
    bundles: tuple[Path, ...],
    target: str,
    outside: str,
    nodes: tuple[str, ...],
    phase: str,
    active: bool,
    wait: bool,
    timeout_multiplier: int,
    only: tuple[str, ...],
    levels: tuple[str, ...],
    commands: bool,
    ssh_config: Path | None,
    ssh_identity_file: Path | None,
    user: str,
    today: datetime,
    report: Destination,
) -> None:
    """Hold the nodes of a site against its BUNDLES (folders with a site.json; `.` without one).

    Exits with 0 when everything asked is as it should be, 1 when something is not, 3 when
    something could not be found out or nothing was asked, 2 for a usage error.
    """
    from verify.selection import Options
    from verify.targets import misnamed

    if wrong := misnamed(target, outside):
        raise click.UsageError(wrong)
    options = Options(
        phase=Phase(phase),
        active=active,
        nodes=_nodes(target, nodes),
        only=only,
        levels=tuple(Level(level) for level in levels),
        wait=wait,
        timeout_multiplier=timeout_multiplier,
    )
    try:
        sites = _load(bundles, options)
    except ContractError as error:
        from verify.report import printable

        raise click.UsageError(printable(str(error))) from None
    beside = report.prepare(sites)
    if commands:
        click.echo(_commands(sites, options, user), nl=False)
        return
    files = (ssh_config, ssh_identity_file)
    reports = _run(sites, options, target, outside, user, files, today.date())
    sys.exit(report.write(sites, reports, beside))


def _nodes(target: str, nodes: tuple[str, ...]) -> tuple[str, ...]:
    """On the node itself there is only one to ask."""
    if target != "local":
        return nodes
    from verify.targets import this_node

    if len(nodes) > 1:
        raise click.UsageError("--target local reaches one node: give one --node")
    return nodes or (this_node(),)


def _load(folders: Sequence[Path], options: Options) -> list[Bundle]:
    from verify.bundles import load

    sites = [load(folder) for folder in folders]
    names = Counter(one.site.site for one in sites)
    if twice := [name for name in names if names[name] > 1]:
        raise ContractError(f"two of the folders are of site {twice[0]}: verify one at a time")
    known = {node for site in sites for node in site.manifests}
    unknown = [node for node in options.nodes if node not in known]
    if unknown:
        raise ContractError(
            f"no node {unknown[0]} in the bundles; they have {', '.join(sorted(known))}"
        )
    return sites


def _run(
    sites: Sequence[Bundle],
    options: Options,
    name: str,
    outside: str,
    user: str,
    files: tuple[Path | None, Path | None],
    today: date,
) -> list[Report]:
    from verify.engine import run
    from verify.targets import target

    me = options.nodes[0] if name == "local" else ""
    config, identity = files
    targets = (target(name, one, outside, user, config, me, identity=identity) for one in sites)
    pairs = zip(sites, targets, strict=True)
    return [_of_now(run(site, to, options, today=today), site.folder) for site, to in pairs]


def _of_now(report: Report, folder: Path) -> Report:
    """Say where the spec beside the bundles is not the one that they were built from.

    Only who builds can read a spec: `stook` gives the way to its digest, as its context's object.
    """
    digest: object = click.get_current_context().find_root().obj
    now = digest(folder) if callable(digest) else ""
    if now in ("", report.spec_digest):
        return report
    line = f"what {folder / 'site.yaml'} says now: its bundles are of another spec; stook build"
    return replace(report, not_checked=(line, *report.not_checked))


def _commands(sites: Sequence[Bundle], options: Options, user: str) -> str:
    from verify.engine import commands
    from verify.report import printable

    lines: list[str] = []
    for bundle in sites:
        for place, texts in commands(bundle, options).items():
            each = [line for text in texts for line in text.split("\n")]
            lines += [f"# {bundle.site.site}: {place}", *map(printable, each), ""]
    who = user or "USER"
    lines += [
        "# sudoers: all commands of a node travel as one script to one root shell, and a shell",
        "# takes any other as well: whoever has this rule is root on the node",
        f"{who} ALL=(root) NOPASSWD: /usr/bin/sh -s, /bin/sh -s",
    ]
    return "".join(f"{line}\n" for line in lines)
