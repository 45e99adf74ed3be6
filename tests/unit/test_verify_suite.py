"""The pytest suite over the engine, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.test_verify_cli import programs, written
from tests.unit.verify_site import expect, package
from verify.contract import Level, Phase

__all__ = ["programs"]

ROOT = Path(__file__).parents[2]


def suite(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the suite in a process of its own, away from this one's options."""
    argv = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--pyargs"]
    names = [*argv, "verify.suite", "-k", "test_expectation", *map(str, arguments)]
    return subprocess.run(names, capture_output=True, text=True, cwd="/")


def test_every_status_has_its_own_outcome(programs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    shared = {"path": "/srv", "nodes": ["n1", "n2"]}
    written(
        folder,
        package("n1", "there"),
        package("n1", "absent"),
        package("n1", "blocked", needs=("n1/package/absent",)),
        package("n1", "late", phase=Phase.REBOOTED),
        package("n3", "there"),
        expect("n1/shared_directory/wp", shared, level=Level.BEHAVIOUR),
    )
    done = suite("--stook-bundles", folder, "--stook-target", "ssh")
    assert "1 failed, 1 passed, 3 skipped, 7 deselected, 1 error" in done.stdout, done.stdout
    assert "state: wanted installed, found absent" in done.stdout
    assert "unknown: n3 cannot be asked: Host key verification failed." in done.stdout
    assert "blocked: needs n1/package/absent (fail)" in done.stdout
    assert "pending: due when rebooted" in done.stdout


@pytest.mark.parametrize("by_itself", [True, False])
def test_the_documented_command_runs_as_written(
    by_itself: bool, programs: Path, tmp_path: Path
) -> None:
    (tmp_path / "my-site").mkdir()
    written(tmp_path / "my-site", package("n1", "there"))
    page = (ROOT / "docs/how-to/compliance.md").read_text(encoding="utf-8")
    (line,) = (line.strip() for line in page.splitlines() if line.strip().startswith("pytest "))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    if not by_itself:
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    argv = [*line.split(), "-p", "no:cacheprovider", "-k", "test_expectation"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_the_suite_without_bundles_is_a_mistake() -> None:
    done = suite()
    assert done.returncode != 0
    assert "verify.suite needs --stook-bundles" in done.stdout


def test_the_plugin_is_light() -> None:
    heavy = "('testinfra', 'docker', 'click', 'rich', 'verify.engine')"
    code = f"import sys, verify.suite.plugin; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("option", ["--stook-bundles", "--stook-target", "--stook-active"])
def test_the_options_are_known_to_every_run(option: str, pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getoption(option, default="unknown") != "unknown" or option.endswith(
        "bundles"
    )
