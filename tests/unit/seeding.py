"""A make-believe node for scripts that make daemons: a root, and tools with prepared answers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.rendering.scripts import script
from tests.pace import limit

PACKAGE = "generator.components.ceph"
# Owners are root's to give, and another account is root's to be.
ACCOUNT = {
    "chown": '#!/bin/sh\nshift\nexec /bin/chown "$(id -u):$(id -g)" "$@"\n',
    "setpriv": '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n',
}


@dataclass
class Node:
    """A node's files below `root`; tools find what to say below `answers` and take notes there."""

    root: Path
    answers: Path

    def __post_init__(self) -> None:
        (self.answers / "bin").mkdir(parents=True)

    def tools(self, texts: Mapping[str, str]) -> None:
        """What stands in for the programs of these names."""
        for name, text in texts.items():
            tool = self.answers / "bin" / name
            tool.write_text(text)
            tool.chmod(0o755)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def answer(self, words: str, text: str = "") -> None:
        """Prepare what a tool says: the name of its file is made of the words it is called with."""
        (self.answers / words.replace(" ", "_").replace("/", "_")).write_text(text)

    def calls(self, start: str = "") -> list[str]:
        """The calls that tools have noted, in order, of those that begin so."""
        file = self.answers / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if line.startswith(start)]

    def run(self, name: str, *words: str) -> tuple[int, str]:
        """The exit code of one of Ceph's scripts, and all that it says."""
        environment = {
            "PATH": f"{self.answers / 'bin'}:{os.environ['PATH']}",
            "SEED_ROOT": str(self.root),
            "ANSWERS": str(self.answers),
        }
        file = self.answers / name
        file.write_bytes(script(PACKAGE, "files", name))
        command = ["sh", str(file), *words]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=limit(30)
        )
        return done.returncode, done.stdout + done.stderr
