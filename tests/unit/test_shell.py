"""Every shell script of the repository is POSIX sh, and ShellCheck has nothing to say about it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHEBANGS = (b"#!/bin/sh\n", b"#!/bin/bash\n", b"#!/usr/bin/env bash\n")


def scripts() -> list[Path]:
    """All tracked files that begin like a shell script."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT)
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [p for p in paths if p.is_file() and p.read_bytes().startswith(SHEBANGS)]


def test_the_scripts_of_the_node_are_among_them() -> None:
    names = {path.name for path in scripts()}
    assert {"apply", "gluster-form", "gluster-keep", "gluster-restart"} <= names


@pytest.mark.parametrize("script", scripts(), ids=lambda p: str(p.relative_to(ROOT)))
def test_shellcheck(script: Path) -> None:
    run = subprocess.run(["shellcheck", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("script", scripts(), ids=lambda p: str(p.relative_to(ROOT)))
def test_scripts_can_be_executed(script: Path) -> None:
    assert script.stat().st_mode & 0o111
