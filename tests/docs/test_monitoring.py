"""The page about monitoring: its commands run, its rules are read, its table is the metrics."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.docs.test_docs import DOCS, blocks
from tests.promtool import promtool
from tests.unit.test_verify_cli import programs as programs  # the same stand-ins
from tests.unit.test_verify_cli import run, written
from tests.unit.verify_site import package
from verify.reports import FORMATS
from verify.reports.prometheus import GAUGES

PAGE = DOCS / "how-to/monitoring.md"
COMMANDS = [line for block in blocks(PAGE, "sh") for line in block.splitlines()]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_runs(
    line: str, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(Path("my-site"), package("n1", "there"), package("n2", "there"))
    stook, verify, *words = shlex.split(line)
    assert (stook, verify) == ("stook", "verify")
    words = [Path(word).name if word.startswith("/") else word for word in words]
    done = run(*words)
    assert done.exit_code == 0, done.output
    if "--output" in words:
        assert Path(words[words.index("--output") + 1]).stat().st_size


def test_every_format_is_on_the_page() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.M)
    assert {*FORMATS} <= {*rows}
    shown = {words[words.index("--format") + 1] for words in map(shlex.split, COMMANDS)}
    assert shown == {*FORMATS} - {"text"}


def test_every_metric_is_on_the_page_and_no_other() -> None:
    named = re.findall(r"\bstook_(?!site\b)[a-z_]+", PAGE.read_text("utf-8"))
    assert {*named} == set(GAUGES)


def test_the_rules_are_rules(tmp_path: Path) -> None:
    (rules,) = (block for block in blocks(PAGE, "yaml") if block.startswith("groups:"))
    (tmp_path / "stook.yaml").write_text(rules)
    command = [promtool(), "check", "rules", "stook.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS: 4 rules found" in done.stdout
