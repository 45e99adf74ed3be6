"""`stook lab`: a site's own nodes in containers, from their bundles."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verify import completion

if TYPE_CHECKING:
    from verify.lab.site import Lab

HERE = click.argument(
    "bundles",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="[BUNDLES]",
    default=".",
)

FAULTS = click.option(
    "--faults",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with faults of your own, in place of those that come with Stook.",
)


class Beside(click.Command):
    """A command of more words after BUNDLES; where it is called in a built site, that is `.`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is left over, as click has it."""
        first = next((word for word in args if not word.startswith("-")), "")
        beside = _built(".") and not (first and _built(first))
        return super().parse_args(ctx, [".", *args] if beside else args)


def _built(folder: str) -> bool:
    """Whether a site is built there; a word that is no path is no folder."""
    try:
        return (Path(folder) / "site.json").is_file()
    except (OSError, ValueError):
        return False


@click.group("lab")
@click.option(
    "--timeout-multiplier",
    type=click.IntRange(min=1),
    default=1,
    envvar="STOOK_TIMEOUT_MULTIPLIER",
    show_envvar=True,
    metavar="N",
    help="Wait N times as long for everything, on slow machines.",
)
@click.pass_context
def lab(context: click.Context, timeout_multiplier: int) -> None:
    """Boot a site in containers on this machine, verify it and break it."""
    context.obj = timeout_multiplier


@lab.command()
@HERE
@click.option("--late", multiple=True, metavar="NODE", help="Make this node, but do not start it.")
@click.option(
    "--seedless", multiple=True, metavar="NODE", help="Give this node no user-data: bring it later."
)
@click.option(
    "--secretless", multiple=True, metavar="NODE", help="Give this node none of its secrets."
)
@click.option("--bare", is_flag=True, help="Nodes install their packages themselves.")
@click.option("--keep", is_flag=True, help="Leave a failed lab as it is, to look into.")
@click.option("--wait", default=300, show_default=True, help="Seconds that booting may take.")
def up(
    bundles: Path,
    late: tuple[str, ...],
    seedless: tuple[str, ...],
    secretless: tuple[str, ...],
    bare: bool,
    keep: bool,
    wait: int,
) -> None:
    """Boot every node of BUNDLES, a built site folder, and what stands around them.

    That is a machine outside (also an attacker and an innocent visitor), a time server, and a
    database where the spec has one. Secrets are made up, and delivered before the first boot.
    """
    with _progress() as say, _lab(bundles, say) as site:
        booted = site.up(
            late=late, seedless=seedless, bare=bare, keep=keep, wait=wait, secretless=secretless
        )
        troubled = [f"{name}: {boot}" for name, boot in booted.items() if boot.errors]
    for line in troubled:
        click.echo(line, err=True)
    sys.exit(1 if troubled else 0)


@lab.command()
@HERE
def down(bundles: Path) -> None:
    """Remove all that `up` made, also after a crash."""
    with _lab(bundles) as site:
        site.down()


@lab.command()
@HERE
def status(bundles: Path) -> None:
    """Say how each machine stands."""
    with _lab(bundles) as site:
        for one in site.status():
            addresses = " ".join(address for its in one.addresses.values() for address in its)
            click.echo(f"{one.name:20} {one.role:8} {one.state:8} {addresses}")


@lab.command(cls=Beside, context_settings={"ignore_unknown_options": True})
@HERE
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def verify(bundles: Path, options: tuple[str, ...]) -> None:
    """Hold the nodes against the spec; OPTIONS are those of `stook verify`."""
    from verify.cli import verify as command

    target = ["--target", "docker", "--outside", "docker"]
    command.main([str(bundles), *target, *options], prog_name="stook verify")


@lab.command(cls=Beside, context_settings={"ignore_unknown_options": True})
@HERE
@click.argument("node", shell_complete=completion.nodes)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def shell(bundles: Path, node: str, command: tuple[str, ...]) -> None:
    """Open a shell in NODE, or in `outside`, `time` or `database`; or run COMMAND there."""
    with _lab(bundles) as site:
        title = site.topology.container(site.topology.box(node))
    words = ["-i", title, *command] if command else ["-it", title, "bash", "-l"]
    sys.exit(subprocess.run(["docker", "exec", *words]).returncode)


@lab.command(cls=Beside)
@HERE
@click.argument("node", shell_complete=completion.nodes)
def secrets(bundles: Path, node: str) -> None:
    """Bring NODE the secrets that it was left without (--secretless)."""
    with _lab(bundles) as site:
        site.give_secrets(node)


@lab.command(cls=Beside)
@HERE
@click.argument("name", shell_complete=completion.faults)
@click.option("--undo", is_flag=True, help="Take the fault back.")
@FAULTS
def fault(bundles: Path, name: str, undo: bool, folder: Path | None) -> None:
    """Do the fault NAME to the site (`stook lab faults` lists them)."""
    from verify.lab import faults

    with _lab(bundles) as site:
        one = faults.find(name, folder or faults.FOLDER)
        if undo:
            faults.undo(site, one)
        else:
            faults.inject(site, one)


@lab.command("faults")
@FAULTS
def list_faults(folder: Path | None) -> None:
    """List the faults that `stook lab fault` can do."""
    from verify.lab import faults

    with _reporting_errors():
        for name, one in faults.load_all(folder or faults.FOLDER).items():
            click.echo(f"{name:28} {one.site:14} {one.title}")


@contextmanager
def _lab(bundles: Path, say: Callable[[str], None] = lambda line: None) -> Iterator[Lab]:
    """The lab of a folder. A plain kill ends it like Ctrl-C: with everything taken down."""
    from verify.lab.site import Lab

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _reporting_errors():
        yield Lab(bundles, say, pace=click.get_current_context().obj)


@contextmanager
def _reporting_errors() -> Iterator[None]:
    """Turn errors that are meant for people into click's."""
    from verify.lab.errors import LabError
    from verify.plain import ContractError

    try:
        yield
    except (LabError, ContractError) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Tell what goes on, with the seconds since the start; on a terminal the last line moves."""
    begun = time.monotonic()
    if not sys.stderr.isatty():
        yield lambda line: click.echo(f"{time.monotonic() - begun:6.1f} {line}", err=True)
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("looking for a container engine") as moving:

        def say(line: str) -> None:
            text = f"{time.monotonic() - begun:6.1f} {line}"
            moving.console.print(text, markup=False, highlight=False, emoji=False)
            moving.update(escape(line))

        yield say
