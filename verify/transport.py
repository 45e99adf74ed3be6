"""Places where a script can be run: behind a program of the user's, or behind testinfra.

A trip is one script on the standard input of one shell. testinfra's backends know no standard
input and run one command per connection, and its ssh shares no connection, so local, ssh and docker
are run here as the user's own programs: `ssh` (with its configuration, agent, jump hosts and known
hosts) and `docker exec -i`. All other connections (podman, ansible, salt, …) are testinfra's own;
there the script travels as an argument, which the kernel limits to 128 KiB.
"""

from __future__ import annotations

import subprocess
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Protocol

from verify.kinds import Environment

AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi'
AS_ANYBODY = "exec sh -s"
LARGEST_ARGUMENT = 120_000
NOTHING = Environment()


class Unreachable(Exception):  # noqa: N818 - named for what it says of a node
    """Nobody answered; the message says why."""


class Place(Protocol):
    """Somewhere a script can be run.

    `environment` is what the runtime of a node adds to it.
    """

    @property
    def environment(self) -> Environment: ...
    def ask(self, script: bytes, limit: float) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Program:
    """A place behind a program that takes the script on its standard input."""

    argv: Sequence[str]
    environment: Environment = NOTHING

    def ask(self, script: bytes, limit: float) -> bytes:
        """What the script wrote. Raises `Unreachable` with the program's own words."""
        try:
            ended = subprocess.run(self.argv, input=script, capture_output=True, timeout=limit)
        except subprocess.TimeoutExpired:
            raise Unreachable(f"no answer within {limit:.0f} s") from None
        except OSError as error:
            raise Unreachable(f"{self.argv[0]}: {error.strerror}") from None
        if ended.returncode:
            said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
            raise Unreachable(said[-1] if said else f"{self.argv[0]}: exit {ended.returncode}")
        return ended.stdout


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A place that is known not to be there."""

    reason: str
    environment: Environment = NOTHING

    def ask(self, script: bytes, limit: float) -> bytes:
        """Always raises `Unreachable`."""
        raise Unreachable(self.reason)


@dataclass(frozen=True, slots=True)
class Testinfra:
    """A place behind one of testinfra's own connections, named by its HOSTSPEC."""

    spec: str
    sudo: bool = True
    environment: Environment = NOTHING

    def ask(self, script: bytes, limit: float) -> bytes:
        """What the script wrote; it travels as an argument of the shell."""
        import testinfra  # type: ignore[import-untyped]  # it ships no types

        text = b64encode(script).decode()
        if len(text) > LARGEST_ARGUMENT:
            raise Unreachable(f"{self.spec}: the script is too long for it; use --only or ssh")
        shell = AS_ROOT if self.sudo else AS_ANYBODY
        try:
            host = testinfra.get_host(self.spec)
            ended = host.run(f"echo {text} | base64 -d | sh -c {quote(shell)}")
        except Exception as error:
            raise Unreachable(f"{self.spec}: {error}") from None
        if ended.rc != 0:
            raise Unreachable(f"{self.spec}: {ended.stderr.strip() or f'exit {ended.rc}'}")
        out: bytes = ended.stdout_bytes
        return out


def local(sudo: bool = True) -> Program:
    """This machine; root is needed to look at a node, not to probe from outside."""
    return Program(["sh", "-c", AS_ROOT if sudo else AS_ANYBODY])
