"""What somebody meets who has just come: odd arguments, places that cannot be, what is said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from generator.commands.cli import main
from generator.commands.group import LAZY
from tests.unit.test_cli import PLAIN, SITE, stook

ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with the spec of two plain nodes, and one stands in it."""
    shutil.copy(PLAIN / "site.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of shell in which `stook` is this one."""
    own = f'stook() {{ PYTHONPATH={ROOT} {sys.executable} -m generator "$@"; }}; '
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", own + line], cwd=folder, capture_output=True, text=True
    )


@pytest.mark.parametrize("command", ["check", "plan", "build", "secrets", "diff"])
def test_a_command_takes_the_folder_that_one_stands_in(command: str, here: Path) -> None:
    assert stook("build").exit_code == 0
    done = stook(command)
    assert done.exit_code == 0, done.output


def test_verify_takes_the_folder_that_one_stands_in(here: Path) -> None:
    stook("build")
    assert stook("verify", "--commands").output.startswith("# plain-trixie: node1\n")


@pytest.mark.parametrize("command", [["check"], ["plan"], ["build", "--out", "o"], ["diff", PLAIN]])
def test_a_spec_may_come_on_standard_input(command: list[str | Path], here: Path) -> None:
    text = (here / "site.yaml").read_text().replace("ntp.example", "ntp2.example")
    words = [*map(str, command), "-"]
    done = CliRunner().invoke(main, words, input=text)
    assert done.exit_code == (command[0] == "diff"), done.output
    assert not (here / "site.json").exists()


WRONG = {
    "out": ["build", "-"],
    "twice": ["check", "-", "-"],
    "target": ["verify", "--target", "banana"],
    "output": ["verify", "--output", "/proc/no/report"],
    "output-folder": ["verify", "--output", "/proc"],
    "output-right": ["verify", "--output", "/proc/version"],
    "format": ["plan", "--format", "banana"],
    "today": ["check", "--today", "tomorrow"],
    "old": ["diff", "/nowhere"],
    "new": ["diff", ".", "/nowhere"],
    "file": ["diff", "site.yaml"],
    "fault": ["lab", "up", "/nowhere"],
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_is_a_usage_error_before_anything_is_done(name: str, here: Path) -> None:
    stook("build")
    before = sorted(here.rglob("*"))
    done = stook(*WRONG[name])
    assert done.exit_code == 2, done.output
    assert sorted(here.rglob("*")) == before


def test_diff_without_bundles_says_what_is_missing(here: Path) -> None:
    done = stook("diff")
    assert done.exit_code == 2
    assert "holds no bundles: there is no site.json" in done.output


@pytest.mark.parametrize(
    "line",
    [
        "stook plan >/dev/full",
        "stook schema >/dev/full",
        "stook explain >/dev/full",
        "stook check --format json >/dev/full",
        "stook verify --commands >/dev/full",
        "stook verify --target local --node node1 --only 'x*' --output /dev/full",
    ],
)
def test_a_full_disk_is_a_sentence(line: str, here: Path) -> None:
    stook("build")
    done = shell(line, here)
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].endswith("No space left on device"), done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.parametrize("command", ["plan", "explain", "schema", "verify --commands"])
def test_a_closed_pipe_is_no_trouble(command: str, here: Path) -> None:
    stook("build")
    done = shell(f"stook {command} | head -n 1", here)
    assert done.stderr == "" and done.stdout.count("\n") == 1


def test_a_place_that_cannot_be_written_is_named(here: Path) -> None:
    done = shell("stook secrets /proc/1", here)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    done = shell("stook new /proc/x", here)
    assert done.returncode == 2 and "/proc/x" in done.stderr and "Traceback" not in done.stderr


def test_build_says_what_is_new_what_changed_and_what_to_hand_over(here: Path) -> None:
    first = stook("build").output
    assert "2 new (node1, node2)" in first
    assert "a new machine is made with node1/user-data" in first
    assert "rsync -a node1/ node1:bundle/" in first
    assert "ssh node1 sudo ./bundle/apply" in first
    again = stook("build").output
    assert "2 as they were" in again and "rsync" not in again
    spec = here / "site.yaml"
    spec.write_text(spec.read_text().replace("ntp.example", "ntp2.example"))
    checked = stook("build", "--check")
    assert checked.exit_code == 1 and checked.output.count("error[B101]") == 1
    changed = stook("build").output
    assert "2 changed (node1, node2)" in changed
    assert "node1, node2: apply restarts chrony.service" in changed
    text = spec.read_text()
    gone = next(line for line in text.splitlines() if line.startswith("  node2:"))
    spec.write_text(text.replace(f"{gone}\n", ""))
    assert "node2: has left the site; its bundle is removed" in stook("build").output


def test_build_says_that_secrets_are_to_be_made(tmp_path: Path) -> None:
    shutil.copy(SITE / "site.yaml", tmp_path)
    assert f"secrets are not in it: stook secrets {tmp_path}" in stook("build", tmp_path).output


def test_findings_of_a_build_stay_the_only_thing_that_programs_read(here: Path) -> None:
    assert json.loads(stook("build", "--format", "json").output) == []


def test_diff_of_a_site_is_its_spec_against_what_was_built(here: Path) -> None:
    stook("build")
    spec = here / "site.yaml"
    spec.write_text(spec.read_text().replace("ntp.example", "ntp2.example"))
    done = stook("diff")
    assert done.exit_code == 1
    assert "# node1: apply restarts chrony.service\n" in done.output
    assert "+server ntp2.example.internal iburst\n" in done.output


def test_verify_says_when_the_spec_is_not_that_of_the_bundles(here: Path) -> None:
    stook("build")
    words = ("verify", "--target", "local", "--node", "node1", "--only", "x*")
    spec = here / "site.yaml"
    spec.write_text(spec.read_text() + "# a remark changes nothing\n")
    assert "another spec" not in stook(*words).output
    spec.write_text(spec.read_text().replace("ntp.example", "ntp2.example"))
    assert f"not checked: what {spec} says now" in stook(*words).output
    spec.write_text("stook: [\n")
    assert "another spec" not in stook(*words).output


def commands() -> list[str]:
    context = click.Context(main)
    return [name for name in main.list_commands(context) if name != "lab"]


@pytest.mark.parametrize("name", commands())
@pytest.mark.parametrize(
    "odd", ["", "--", "\x1b[31m", "a" * 5000, "--banana", "../..", "/dev/null"]
)
def test_no_odd_argument_is_a_traceback(name: str, odd: str, here: Path) -> None:
    done = CliRunner().invoke(main, [name, odd])
    assert done.exception is None or isinstance(done.exception, SystemExit | OSError), odd
    assert name in LAZY or name in main.commands
