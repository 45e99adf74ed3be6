"""`stook secrets`: makes what may be made, changes nothing that is there, prints no value."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from generator.commands.cli import main
from generator.rendering.handbook.node import PLACE, bring

SPEC = Path(__file__).parents[2] / "bundles/ha-wordpress/site.yaml"
GIVEN = "from the database's owner"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copy(SPEC, tmp_path / "site.yaml")
    return tmp_path


def call(site: Path, *options: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["secrets", str(site), *options], input=stdin)


def values(site: Path) -> dict[str, str]:
    found = yaml.safe_load((site / "secrets.yaml").read_text())
    assert isinstance(found, dict)
    return found


def test_what_any_text_will_do_for_is_made_up_and_the_rest_is_asked_for(site: Path) -> None:
    done = call(site)
    assert done.exit_code == 1
    assert "not made up, use --set: db-password" in done.output
    assert set(values(site)) == {"wordpress-admin", "wordpress-salts"}
    assert not any(value in done.output for value in values(site).values())
    assert (site / "secrets.yaml").stat().st_mode & 0o7777 == 0o600


def test_a_given_value_is_kept_and_never_made_anew(site: Path) -> None:
    assert call(site, "--set", "db-password", stdin=GIVEN + "\n").exit_code == 0
    first = values(site)
    assert first["db-password"] == GIVEN
    done = call(site)
    assert done.exit_code == 0
    assert values(site) == first
    assert GIVEN not in done.output


def test_two_sites_share_nothing(site: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    shutil.copy(SPEC, other / "site.yaml")
    for one in (site, other):
        call(one, "--set", "db-password", stdin=GIVEN)
    assert values(site)["wordpress-salts"] != values(other)["wordpress-salts"]


def test_each_node_gets_what_it_needs_and_nothing_else(site: Path) -> None:
    call(site, "--set", "db-password", stdin=GIVEN)
    out = site / "handed out"
    assert call(site, "--export", str(out)).exit_code == 0
    found = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    everywhere = {"db-password", "wordpress-salts"}
    assert found == {f"node-gfs{n}/{name}" for n in (1, 2, 3) for name in everywhere} | {
        "node-gfs1/wordpress-admin"
    }
    assert (out / "node-gfs2/db-password").read_text() == GIVEN
    for path in out.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_on_a_terminal_the_value_is_asked_for_and_not_shown(site: Path) -> None:
    main_end, end = pty.openpty()
    argv = [sys.executable, "-m", "generator", "secrets", str(site), "--set", "db-password"]
    child = subprocess.Popen(argv, stdin=end, stdout=end, stderr=end, start_new_session=True)
    os.close(end)
    shown = b""
    for prompt in (b"db-password: ", b"confirmation: "):
        while prompt not in shown:
            shown += os.read(main_end, 1000)
        os.write(main_end, f"{GIVEN}\n".encode())
    while True:
        try:
            shown += os.read(main_end, 1000)
        except OSError:
            break
    assert child.wait() == 0, shown
    assert values(site)["db-password"] == GIVEN
    assert GIVEN.encode() not in shown


def git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
    ).stdout


def test_what_is_written_into_a_repository_hides_from_it(site: Path) -> None:
    git(site, "init", "-q")
    call(site, "--set", "db-password", stdin=GIVEN)
    for _ in range(2):
        assert call(site, "--export", str(site / "out")).exit_code == 0
        assert "out/" not in git(site, "status", "--porcelain", "-uall")
    shutil.rmtree(site / "out")
    (site / ".gitignore").write_text("/out\n")
    assert call(site, "--export", str(site / "out")).exit_code == 0
    assert not (site / "out/.gitignore").exists(), "it is ignored as it is"


@pytest.mark.parametrize("tracked", [False, True])
def test_where_a_repository_would_see_it_nothing_is_written(site: Path, tracked: bool) -> None:
    git(site, "init", "-q")
    (site / "out").mkdir()
    (site / "out/notes").write_text("mine")
    if tracked:
        (site / ".gitignore").write_text("/out\n")
        git(site, "add", "-f", "out/notes")
    done = call(site, "--set", "db-password", "--export", str(site / "out"), stdin=GIVEN)
    assert done.exit_code == 2, done.output
    assert [path.name for path in (site / "out").iterdir()] == ["notes"]
    assert not (site / "secrets.yaml").exists()


def test_the_whole_command_is_said_and_does_it(
    site: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("node")
    programs = {"ssh": 'shift; sh -c "$*"', "sudo": '"$@"'}
    for name, text in programs.items():
        (other / name).write_text(f"#!/bin/sh\n{text}\n")
        (other / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{other}:{os.environ['PATH']}")
    call(site, "--set", "db-password", stdin=GIVEN)
    done = call(site, "--export", str(site / "handed out"))
    line = next(line for line in done.output.splitlines() if " ssh node-gfs2 " in line)
    subprocess.run(["sh", "-c", line.replace(PLACE, str(other / "kept"))], check=True)
    assert (other / "kept/db-password").read_text() == GIVEN
    assert (other / "kept/db-password").stat().st_mode & 0o7777 == 0o600
    assert bring(f"'{site}/handed out/node-gfs2'", "node-gfs2") in done.output


def test_a_name_that_the_spec_does_not_have_is_refused(site: Path) -> None:
    done = call(site, "--set", "db-pasword", stdin=GIVEN)
    assert done.exit_code == 2
    assert "the spec names no secret 'db-pasword'" in done.output
    assert not (site / "secrets.yaml").exists()


def test_an_empty_value_is_refused(site: Path) -> None:
    assert call(site, "--set", "db-password", stdin="\n").exit_code == 2


def test_what_nothing_uses_is_named_and_kept(site: Path) -> None:
    (site / "secrets.yaml").write_text("old-one: 'x'\n")
    assert "old-one: in secrets.yaml, and nothing in the spec uses it" in call(site).output
    assert values(site)["old-one"] == "x"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\n", "quote the value of a"),
        ("- a\n", "is a mapping of names to values"),
        ("a: 'x'\na: 'y'\n", "error[Y105]"),
        ("a: [\n", "error[Y104]"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_as_it_is(site: Path, text: str, says: str) -> None:
    (site / "secrets.yaml").write_text(text)
    done = call(site, "--set", "db-password", stdin=GIVEN)
    assert done.exit_code == 1
    assert says in done.output
    assert (site / "secrets.yaml").read_text() == text


def test_a_spec_with_errors_is_told_as_everywhere(site: Path) -> None:
    (site / "site.yaml").write_text("stook: 2\n")
    done = call(site)
    assert done.exit_code == 1
    assert "error[" in done.output


def test_a_file_that_others_may_read_is_warned_about(site: Path) -> None:
    (site / "secrets.yaml").write_text("db-password: 'x'\n")
    (site / "secrets.yaml").chmod(0o644)
    assert "others may read" in call(site).output
    assert (site / "secrets.yaml").stat().st_mode & 0o077 == 0


def test_secrets_change_no_bundle(site: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["build", str(site)]).exit_code == 0
    call(site, "--set", "db-password", stdin=GIVEN)
    assert runner.invoke(main, ["build", "--check", str(site)]).exit_code == 0
