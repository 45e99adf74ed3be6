"""A node that fetches its bundle takes exactly the one that its user-data was built with."""

from __future__ import annotations

import functools
import gzip
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from generator import pipeline
from generator.commands import built
from tests.pace import limit

SPEC = Path(__file__).parents[1] / "rules/base.yaml"
NODE = "n1"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class World:
    """A built site, served on loopback, and a node's folder with what its user-data wrote."""

    site: Path
    state: Path

    @property
    def archive(self) -> Path:
        return self.site / NODE / "bundle.tar.gz"

    def fetch(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.state / "fetch")]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=limit(60), check=False
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    site = tmp_path / "site"
    site.mkdir()
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        spec = site / "site.yaml"
        url = f"http://127.0.0.1:{server.server_port}"
        spec.write_text(f"fetch: {url}\n{SPEC.read_text()}")
        run = pipeline.run(spec)
        pipeline.build(run, site)
        assert not run.failed, run.findings
        yield World(site, boot(site, tmp_path / "state"))
        server.shutdown()


def boot(site: Path, state: Path) -> Path:
    """What cloud-init makes of the user-data, below `state` instead of /var/lib/stook."""
    found = yaml.safe_load((site / NODE / "user-data").read_text())
    state.mkdir()
    for item in found["write_files"]:
        if item["path"].startswith("/var/lib/stook/"):
            (state / Path(item["path"]).name).write_text(item["content"])
    (command,) = found["runcmd"]
    assert command == ["systemctl", "enable", "--now", "--no-block", "stook-fetch.service"]
    return state


def test_it_gets_the_whole_bundle_bit_for_bit(world: World) -> None:
    run = world.fetch()
    assert run.returncode == 0, run.stderr
    got = {p.relative_to(world.state / "bundle"): p for p in (world.state / "bundle").rglob("*")}
    whole = {"apply", "plan.tsv", "SHA256SUMS", "rootfs", "blocks"}
    assert {path.parts[0] for path in got} == whole
    for path, place in got.items():
        if place.is_file():
            built = world.site / NODE / path
            assert place.read_bytes() == built.read_bytes()
            assert place.stat().st_mode == built.stat().st_mode
    checked = ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(checked, cwd=world.state / "bundle", check=True, timeout=limit(60))


def test_a_second_time_replaces_what_is_there(world: World) -> None:
    world.fetch()
    (world.state / "bundle/plan.tsv").write_text("old")
    assert world.fetch().returncode == 0
    assert (world.state / "bundle/plan.tsv").read_text() != "old"


def refuse(world: World, says: str) -> None:
    run = world.fetch()
    assert (run.returncode, says in run.stderr, "Traceback" in run.stderr) == (1, True, False), run
    assert not (world.state / "bundle").exists()


def test_another_bundle_is_refused(world: World) -> None:
    other = world.site / "n2/bundle.tar.gz"
    world.archive.write_bytes(other.read_bytes())
    refuse(world, "is not the bundle of this user-data")


def test_a_changed_bundle_is_refused(world: World) -> None:
    archive = gzip.decompress(world.archive.read_bytes())
    world.archive.write_bytes(gzip.compress(archive.replace(b"set -eu", b"set -ex", 1)))
    refuse(world, "is not the bundle of this user-data")


def test_another_compressor_makes_no_difference(world: World) -> None:
    archive = gzip.decompress(world.archive.read_bytes())
    world.archive.write_bytes(gzip.compress(archive, compresslevel=1))
    assert world.fetch().returncode == 0


def test_what_cannot_be_had_is_asked_for_again(world: World) -> None:
    world.archive.unlink()
    refuse(world, "cannot be had: HTTP Error 404")


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"x" * 4096)[:-9]],
    ids=["empty", "foreign", "cut off"],
)
def test_half_an_archive_is_none(world: World, content: bytes) -> None:
    world.archive.write_bytes(content)
    refuse(world, "cannot be had")


def test_what_unpacks_without_end_is_cut_off(world: World) -> None:
    world.archive.write_bytes(gzip.compress(bytes(80 * 1024 * 1024)))
    refuse(world, "far too large")


def test_the_archive_is_made_again_and_not_held_against_a_checkout(world: World) -> None:
    world.archive.unlink()
    run = pipeline.run(world.site)
    built.compared(run, world.site)
    assert {finding.rule for finding in run.findings} == {"N136"}
    pipeline.build(run, world.site)
    assert world.archive.is_file()


def test_user_data_is_small_enough_for_every_provider(world: World) -> None:
    assert (world.site / NODE / "user-data").stat().st_size < 8192
