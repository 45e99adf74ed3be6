"""A make-believe node for the example: its bundle applied, its kernel a folder, its faults done."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from generator.rendering.userdata import Rendered
from tests.unit.node import COMMANDS, GROUP, ME, Node
from verify.contract import Output
from verify.kinds import Environment
from verify.lab.errors import LabError
from verify.transport import NOTHING, Budget
from verify.trip import SYSTEM

# systemd-sysctl reads the files, and sysctl asks and tells the kernel.
KERNEL = {
    "systemctl": """
        case "$*" in *"start systemd-sysctl.service") cat "$APPLY_ROOT"/etc/sysctl.d/*.conf |
            while read -r name equals value; do
                mkdir -p "$NODE_NOTES/kernel"; echo "$value" >"$NODE_NOTES/kernel/$name"
            done ;;
        esac
        """
    + COMMANDS["systemctl"],
    "sysctl": """
        case $1 in
            -n) cat "$NODE_NOTES/kernel/$3" ;;
            -w) echo "${2#*=}" >"$NODE_NOTES/kernel/${2%%=*}" ;;
        esac""",
}


@dataclass
class Machine:
    """The one node of the site: `apply` runs on it, `verify` asks it, faults are done to it."""

    made: Node
    name: str = "make-believe"
    environment: Environment = NOTHING

    def __post_init__(self) -> None:
        self.commands.mkdir()
        for folder in (self.made.path / "bin", self.commands):
            for name, body in KERNEL.items():
                (folder / name).write_text(f"#!/bin/sh\n{body}\n")
                (folder / name).chmod(0o755)

    @property
    def commands(self) -> Path:
        """Those of the kernel alone: for `apply` a `sleep` takes no time, for a trip it has to."""
        return self.made.path / "kernel"

    def apply(self, files: Iterable[Rendered]) -> subprocess.CompletedProcess[str]:
        """Put a bundle there and run its `apply`; who runs the tests owns what root would."""
        for file in files:
            path = self.made.bundle / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
            path.chmod(file.mode)
        plan = self.made.bundle / "plan.tsv"
        mine = rf"\1\t{ME}\t{GROUP}\t"
        plan.write_text(
            re.sub(r"^(file\t\S+\t\d+)\t\S+\t\S+\t", mine, plan.read_text(), flags=re.M)
        )
        self.made.sums()
        return self.made.apply(seal=False)

    def node(self, name: str) -> Machine:
        """As a target: every place of the site is this one."""
        return self

    def outside(self) -> Machine:
        return self

    def ask(self, script: bytes, limit: float, budget: Budget) -> bytes:
        """As a place of a target; its system has the programs of the make-believe kernel."""
        script = script.replace(SYSTEM.encode(), f"{self.commands}:{SYSTEM}".encode())
        return self._run(script).stdout

    def exec(self, name: str, command: str, timeout: int = 30) -> Output:
        """As a machine of a lab."""
        done = self._run(command.encode())
        return Output(done.returncode, done.stdout.decode(), done.stderr.decode())

    def act(self, name: str, verb: str) -> None:
        raise LabError(f"{name} is make-believe, and has no switch: {verb}")

    def wait_booted(self, names: tuple[str, ...]) -> None:
        raise LabError(f"make-believe machines do not boot: {names}")

    def _run(self, script: bytes) -> subprocess.CompletedProcess[bytes]:
        mine = {
            "PATH": f"{self.commands}:{os.environ['PATH']}",
            "APPLY_ROOT": str(self.made.root),
            "NODE_NOTES": str(self.made.notes),
        }
        return subprocess.run(
            ["sh", "-s"], input=script, env=os.environ | mine, capture_output=True
        )
