"""The part of the tutorial that boots nodes, run as it is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_docs import DOCS, blocks
from tests.pace import multiplier

pytestmark = pytest.mark.live


def test_the_commands_for_root_run_as_written(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "STOOK_TIMEOUT_MULTIPLIER": multiplier()}

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    first = blocks(DOCS / "tutorial.md", "sh")[0].splitlines()
    for line in (*first, "stook build my-site"):
        assert run(line).returncode == 0
    lines = [
        line.removeprefix("# ")
        for block in blocks(DOCS / "tutorial.md", "console")
        for line in block.splitlines()
        if line.startswith("# ")
    ]
    assert [line.split()[2] for line in lines] == ["up", "verify", "fault", "verify", "down"]
    try:
        verdicts = []
        for line in lines[:-1]:
            done = run(line)
            verdicts += [(done.returncode, done.stdout)] if " verify " in line else []
            assert " verify " in line or done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        (healthy, said), (broken, told) = verdicts
        assert healthy == 0, said
        assert broken == 1
        assert "node-gfs3/listener" in told or "listener/49152" in told
    finally:
        assert run(lines[-1]).returncode == 0
