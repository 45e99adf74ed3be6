"""`stook new`: a first spec that passes `check`, `plan` and `build`, but for an example's key."""

from __future__ import annotations

import ipaddress
import json
import re
import shutil
import uuid
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from generator import platforms
from generator.components.base.keys import EXAMPLE

if TYPE_CHECKING:
    from generator.language.findings import Finding
    from generator.language.findings import Path as SpecPath

# Where one's own public key usually is.
OWN_KEYS = ("id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub")
FIRST_HOST = 11
COPIES = 3
"""Of everything: bricks of a set, monitors, and nodes without anything else said."""

# Beside the spec, so that an editor needs no network: the spec's first line names it.
SCHEMA = "site.schema.json"
# What nodes of each kind of site are called, unless --node says otherwise.
KINDS = {"gluster": "node-gfs", "ceph": "node-ceph", "plain": "node"}
# Which option a key of the first spec comes from.
OPTIONS: tuple[tuple[SpecPath, str], ...] = (
    (("site",), "FOLDER"),
    (("identity",), "--identity"),
    (("fetch",), "--fetch"),
    (("networks",), "--network"),
    (("nodes",), "--node"),
    (("admins", "ops", "ssh_keys"), "--ssh-key"),
    (("admins", "ops", "from"), "--ssh-from"),
    (("time",), "--time-server"),
    (("disks",), "--device"),
    (("web", "wordpress"), "--wordpress"),
    (("web", "database"), "--database"),
)
# What YAML reads as the text that it is, inside a list, too.
PLAIN = re.compile(r"[A-Za-z0-9/][A-Za-z0-9 ./@+=_-]*(?::[A-Za-z0-9/][A-Za-z0-9 ./@+=_-]*)*")
TEMPLATE = re.compile(r"\{[{%#]")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--network", default="10.77.0.0/24", show_default=True, help="Nodes' network.")
@click.option("--nodes", "count", type=click.IntRange(min=1), help="How many nodes; 3 without it.")
@click.option("--node", help="Names begin with this: node-gfs, node-ceph or node without it.")
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
@click.option("--device", default="/dev/xvdf", show_default=True, help="Disk of bricks or OSDs.")
@click.option("--ceph", is_flag=True, help="A Ceph cluster in place of a GlusterFS volume.")
@click.option("--plain", is_flag=True, help="Names, people, time and a firewall, and no storage.")
@click.option("--wordpress", metavar="URL", help="Add WordPress under this address, and its jails.")
@click.option("--database", default="db.example.internal", show_default=True, help="Its database.")
@click.option("--fetch", metavar="URL", help="Nodes fetch their bundles here: small user-data.")
@click.option("--identity", help="UUID that derived ids hang on; made up without it.")
def new(
    folder: Path,
    network: str,
    count: int | None,
    node: str | None,
    provider: str,
    ssh_key: str | None,
    ssh_from: str | None,
    time_server: str,
    device: str,
    ceph: bool,
    plain: bool,
    wordpress: str | None,
    database: str,
    fetch: str | None,
    identity: str | None,
) -> None:
    """Write the first spec of a new site into FOLDER, whose name becomes the site's.

    All that is given is checked before anything is written.
    """
    _free(folder)
    kind = _kind(ceph, plain, wordpress)
    number = count or COPIES
    if kind != "plain" and number < COPIES:
        raise click.UsageError(f"--nodes {number}: three copies need three nodes; or --plain")
    name = node or KINDS[kind]
    pool = number - number % COPIES if kind == "gluster" else COPIES
    given = {
        "site": folder.resolve().name,
        # the only random value there is, and it is written down
        "identity": identity or str(uuid.uuid4()),
        "platform": platforms.DEFAULT,
        "provider": provider,
        "network": network,
        "ssh_key": ssh_key or _own_key() or f"ssh-ed25519 {EXAMPLE} replace-me",
        "ssh_from": ssh_from or network,
        "time_server": time_server,
        "device": device,
        "wordpress": wordpress or "",
        "database": database,
        "fetch": fetch or "",
    }
    values = {key: _scalar(key, value) for key, value in given.items()} | {
        "kind": kind,
        "nodes": _names(name, number, number),
        "addresses": _addresses(network, number),
        "pool": _names(name, pool, number),
        "pair": _names(name, COPIES - 1, number),
    }
    _make(folder, values)


def _free(folder: Path) -> None:
    """Raises UsageError for a folder that holds anything but a repository to be."""
    if folder.exists() and any(one.name != ".git" for one in folder.iterdir()):
        raise click.UsageError(f"{folder} exists and is not empty; a spec is never overwritten")


def _kind(ceph: bool, plain: bool, wordpress: str | None) -> str:
    if ceph and plain:
        raise click.UsageError("--plain is without storage, and --ceph is storage")
    if wordpress and (ceph or plain):
        word = "--ceph" if ceph else "--plain"
        raise click.UsageError(f"--wordpress needs the volume that {word} leaves out")
    return "ceph" if ceph else "plain" if plain else "gluster"


def _own_key() -> str:
    """The public key of who runs this, where it is in its usual place."""
    files = (Path.home() / ".ssh" / name for name in OWN_KEYS)
    return next((file.read_text().strip() for file in files if file.is_file()), "")


def _scalar(key: str, text: str) -> str:
    """A text as YAML has it. Raises UsageError for what the template's own language would read."""
    if TEMPLATE.search(text):
        raise click.UsageError(f"{key.replace('_', '-')} {text!r}: no `{{{{`, `{{%` or `{{#`")
    return text if PLAIN.fullmatch(text) or not text else json.dumps(text, ensure_ascii=False)


def _names(node: str, last: int, of: int) -> str:
    """The first nodes of so many, as a key of YAML: one name, or a range whose numbers align."""
    width = len(str(of))
    low, high = (str(number).zfill(width) for number in (1, last))
    return _scalar("node", f"{node}[{low}:{high}]" if last > 1 else f"{node}{low}")


def _addresses(network: str, number: int) -> str:
    """A range of addresses in an IPv4 network; raises UsageError where it has no room."""
    try:
        block = ipaddress.IPv4Network(network)
        first = block[FIRST_HOST]
        last = block[FIRST_HOST + number - 1]
    except (ValueError, IndexError) as error:
        raise click.UsageError(f"--network {network}: {error}") from None
    head, _, low = str(first).rpartition(".")
    if int(low) + number - 1 > 255 or last == block.broadcast_address:
        raise click.UsageError(f"--network {network}: no room for {number} nodes")
    high = str(last).rpartition(".")[2]
    return json.dumps(f"{head}.[{low}:{high}]") if number > 1 else f"{head}.{low}"


def _make(folder: Path, values: dict[str, str]) -> None:
    """Write all of it elsewhere first, and bring it to its place when it is judged."""
    from generator.commands import report
    from generator.components.base.rules import EXAMPLE_KEY
    from generator.pipeline import run

    with TemporaryDirectory(prefix="stook-") as place:
        written = _write(Path(place), values)
        findings = run(written).findings
        # that there is a key to replace is no mistake of whoever asked for an example
        _refuse([one for one in findings if one.rule != EXAMPLE_KEY.id])
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(written, folder, dirs_exist_ok=True)
    click.echo(f"wrote {folder / 'site.yaml'}")
    if again := run(folder).findings:
        click.echo(report.findings(again, "text", False))
    click.echo(f"Next: stook plan {folder}; stook build {folder}")


def _write(place: Path, values: dict[str, str]) -> Path:
    from cookiecutter.main import cookiecutter

    from generator.language.schema import schema

    template = resources.files("generator.commands").joinpath("scaffold", "site")
    with resources.as_file(template) as path:
        # its folder has a name of its own: that of a site may be no name of a folder
        made = cookiecutter(
            str(path),
            no_input=True,
            extra_context=values | {"folder": "site"},
            output_dir=str(place),
            default_config=True,
        )
    folder = Path(made)
    (folder / SCHEMA).write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    return folder


def _refuse(findings: list[Finding]) -> None:
    """Raises UsageError that names the option of each mistake."""
    from generator.language.findings import errors

    wrong = [one for one in findings if errors([one])]
    if wrong:
        lines = [f"{_option(one.path)}: {one.message}" for one in wrong]
        raise click.UsageError("\n       ".join([*lines, "Nothing was written."]))


def _option(path: SpecPath) -> str:
    """The option that a path of the first spec comes from; else the path itself."""
    from generator.language.findings import dotted

    return next((name for start, name in OPTIONS if path[: len(start)] == start), dotted(path))
