"""The documentation does what it says: the tutorial's commands run, every id has its page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.pipeline import rules
from verify.kinds import KINDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)


def test_the_tutorial_runs_as_written(tmp_path: Path) -> None:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    diffs = 0
    for block in blocks(DOCS / "tutorial.md", "sh"):
        for line in block.splitlines():
            done = subprocess.run(
                line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
            )
            # `diff` says by 1 that there is a difference, which the tutorial has just made
            wanted = 1 if line.startswith("stook diff") else 0
            diffs += wanted
            assert done.returncode == wanted, f"{line}\n{done.stdout}{done.stderr}"
    assert diffs == 1


def test_the_tutorial_shows_the_finding_that_people_will_see(tmp_path: Path) -> None:
    stook = [sys.executable, "-m", "generator"]
    site = tmp_path / "my-site"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True}
    subprocess.run([*stook, "new", "my-site"], check=True, **run)  # type: ignore[call-overload]
    spec = site / "site.yaml"
    spec.write_text(spec.read_text().replace("replica: 3", "replica: 2"))
    done = subprocess.run([*stook, "check", "my-site"], **run)  # type: ignore[call-overload]
    shown = next(b for b in blocks(DOCS / "tutorial.md", "text") if "error[G10]" in b)
    assert shown.strip() in done.stdout


@pytest.mark.parametrize("page", ["reference/findings.md", "reference/kinds.md"])
def test_reference_pages_are_generated_and_never_committed(page: str) -> None:
    assert not (DOCS / page).exists()


def test_every_decision_is_a_page_with_context_and_decision() -> None:
    pages = sorted((DOCS / "adr").glob("0*.md"))
    assert [int(p.name[:4]) for p in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text("utf-8")
        for part in ("Context", "Decision"):
            assert f"**{part}.**" in text or f"## {part}\n" in text, page.name


def test_every_rule_and_kind_is_described() -> None:
    assert all(rule.why and rule.fix for rule in rules().values())
    for name in KINDS:
        source = (ROOT / f"verify/kinds/{name}.py").read_text("utf-8")
        assert source.startswith('"""'), name


def test_links_between_files_of_the_repository_work() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (ROOT / target).exists(), f"{page.name}: {target}"
