"""What a shell completes, and what `--version` says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from generator.commands.cli import main
from tests.unit.test_cli import PLAIN, stook
from verify.contract import CONTRACT, VERSION


def completed(*words: str) -> list[str]:
    """What follows the words, the last of which is not complete."""
    shell = ShellComplete(main, {}, "stook", "_STOOK_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_ids_nodes_and_faults_are_completed() -> None:
    plain = str(PLAIN)
    assert completed("expl") == ["explain"]
    assert completed("explain", "g10") == ["G10", *(f"G10{n}" for n in range(1, 10))]
    assert completed("verify", plain, "--node", "") == ["node1", "node2"]
    assert completed("verify", plain, "--only", "node2/hostn") == ["node2/hostname/node2"]
    assert completed("lab", "shell", plain, "node") == ["node1", "node2"]
    assert "brick-killed" in completed("lab", "fault", plain, "brick")


def test_the_folder_that_one_stands_in_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PLAIN)
    assert completed("verify", "--node", "node2") == ["node2"]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"nodes": 1}'])
def test_where_nothing_is_built_nothing_is_completed(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "site.json").write_text(text)
    for option in ("--node", "--only"):
        assert completed("verify", str(tmp_path), option, "") == []


def test_version_has_the_number_of_the_contract() -> None:
    assert stook("--version").output == f"stook {VERSION}, contract {CONTRACT}\n"
