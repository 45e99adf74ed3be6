"""The linters are tests, so that they cannot be skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator.rendering.scripts import script
from tests.unit import test_node_python

ROOT = Path(__file__).parents[2]


def passes(*command: str) -> None:
    """Run a linter in the repository; its output is the failure."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_check() -> None:
    passes(sys.executable, "-m", "ruff", "check", ".")


def test_ruff_format() -> None:
    passes(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_mypy() -> None:
    passes(sys.executable, "-m", "mypy")


def scripts() -> list[str]:
    """Every tracked file that a shell runs, generated ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    found = []
    for name in listed.split("\0"):
        path = ROOT / name
        if name and path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                first = file.readline(64)
            if first.startswith((b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash")):
                found.append(name)
    return found


def test_shellcheck() -> None:
    if shutil.which("shellcheck") is None:
        assert "CI" not in os.environ, "shellcheck is missing where it must not be"
        pytest.skip("shellcheck is not installed; `make tools` installs it as root")
    passes("shellcheck", "-x", *scripts())


def test_mypy_of_what_runs_on_nodes(tmp_path: Path) -> None:
    # as one file each, for the oldest version that mypy still knows
    for name, source in test_node_python.SCRIPTS.items():
        (tmp_path / f"{name.replace('-', '_')}.py").write_bytes(script(*source))
    passes(sys.executable, "-m", "mypy", "--strict", "--python-version=3.10", str(tmp_path))
