"""`stook new`: a first spec that passes `check`, `plan` and `build`, but for an example's key."""

from __future__ import annotations

import ipaddress
import json
import sys
import uuid
from importlib import resources
from pathlib import Path

import click

from generator import platforms
from generator.components.base.keys import EXAMPLE

# Where one's own public key usually is.
OWN_KEYS = ("id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub")
FIRST_HOST = 11
NODES = 3
# Beside the spec, so that an editor needs no network: the spec's first line names it.
SCHEMA = "site.schema.json"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--network", default="10.77.0.0/24", show_default=True, help="Nodes' network.")
@click.option("--node", default="node-gfs", show_default=True, help="Names begin with this.")
@click.option(
    "--provider",
    type=click.Choice(["nocloud", "ec2", "gce", "azure", "openstack", "vsphere", "cloudstack"]),
    default="nocloud",
    show_default=True,
    help="Where user-data is handed over.",
)
@click.option("--ssh-key", help="Public key of the admin; without it your own, or an example.")
@click.option("--ssh-from", help="Network that ssh comes from; without it the nodes' network.")
@click.option("--time-server", default="ntp.example.internal", show_default=True)
@click.option("--device", default="/dev/xvdf", show_default=True, help="Disk of the bricks.")
@click.option("--wordpress", metavar="URL", help="Add WordPress under this address, and its jails.")
@click.option("--database", default="db.example.internal", show_default=True, help="Its database.")
@click.option("--identity", help="UUID that derived ids hang on; made up without it.")
def new(
    folder: Path,
    network: str,
    node: str,
    provider: str,
    ssh_key: str | None,
    ssh_from: str | None,
    time_server: str,
    device: str,
    wordpress: str | None,
    database: str,
    identity: str | None,
) -> None:
    """Write the first spec of a new site into FOLDER, whose name becomes the site's."""
    if folder.exists():
        raise click.UsageError(f"{folder} exists; a spec is never overwritten")
    values = {
        "site": folder.name,
        # the only random value there is, and it is written down
        "identity": identity or str(uuid.uuid4()),
        "platform": platforms.DEFAULT,
        "provider": provider,
        "network": network,
        "node": node,
        "addresses": _addresses(network),
        "last": str(NODES),
        "ssh_key": ssh_key or _own_key() or f"ssh-ed25519 {EXAMPLE} replace-me",
        "ssh_from": ssh_from or network,
        "time_server": time_server,
        "device": device,
        "wordpress": wordpress or "",
        "database": database,
    }
    _write(folder, values)
    _judge(folder)


def _own_key() -> str:
    """The public key of who runs this, where it is in its usual place."""
    files = (Path.home() / ".ssh" / name for name in OWN_KEYS)
    return next((file.read_text().strip() for file in files if file.is_file()), "")


def _addresses(network: str) -> str:
    """A range of addresses in an IPv4 network; raises UsageError where it has no room."""
    try:
        block = ipaddress.IPv4Network(network)
        first = block[FIRST_HOST]
        last = block[FIRST_HOST + NODES - 1]
    except (ValueError, IndexError) as error:
        raise click.UsageError(f"--network {network}: {error}") from None
    head, _, low = str(first).rpartition(".")
    high = str(last).rpartition(".")[2]
    if int(high) < int(low) or last == block.broadcast_address:
        raise click.UsageError(f"--network {network}: no room for {NODES} nodes")
    return f"{head}.[{low}:{high}]"


def _write(folder: Path, values: dict[str, str]) -> None:
    from cookiecutter.main import cookiecutter

    from generator.language.schema import schema

    template = resources.files("generator.commands").joinpath("scaffold", "site")
    with resources.as_file(template) as path:
        cookiecutter(
            str(path),
            no_input=True,
            extra_context=values,
            output_dir=str(folder.parent),
            default_config=True,
        )
    (folder / SCHEMA).write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")


def _judge(folder: Path) -> None:
    """Say what was written; an option that does not fit is a finding in the new spec."""
    from generator.commands import report
    from generator.components.base.rules import EXAMPLE_KEY
    from generator.language.findings import errors
    from generator.pipeline import run

    this = run(folder)
    click.echo(f"wrote {folder / 'site.yaml'}")
    if this.findings:
        click.echo(report.findings(this.findings, "text", False))
    click.echo(f"Next: stook plan {folder}; stook build {folder}")
    # that there is a key to replace is no mistake of whoever asked for an example
    sys.exit(errors(one for one in this.findings if one.rule != EXAMPLE_KEY.id))
