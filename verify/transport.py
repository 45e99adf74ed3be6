"""Places where a script can be run: behind a program of the user's, or behind testinfra.

A trip is one script on the standard input of one shell. testinfra's backends know no standard
input and run one command per connection, and its ssh shares no connection, so local, ssh and docker
are run here as the user's own programs: `ssh` (with its configuration, agent, jump hosts and known
hosts) and `docker exec -i`. All other connections (podman, ansible, salt, …) are testinfra's own;
there the script travels as an argument, which the kernel limits to 128 KiB.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from shlex import quote
from threading import Lock
from typing import IO, Protocol

from verify.kinds import Environment

AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi'
AS_ANYBODY = "exec sh -s"
LARGEST_ARGUMENT = 120_000
NODE_BYTES = 64 * 1024 * 1024
RUN_BYTES = 256 * 1024 * 1024
CHUNK, LAST_WORDS = 1 << 16, 1 << 16
NOTHING = Environment()


class Unreachable(Exception):  # noqa: N818 - named for what it says of a node
    """Nobody answered; the message says why."""


class Budget:
    """What a run may take: bytes of all nodes together, since a node may answer anything, and time.

    `times` is by how much the limits of commands are stretched.
    """

    def __init__(self, left: int = RUN_BYTES, times: int = 1) -> None:
        self._left, self._lock = left, Lock()
        self.times = times

    def take(self, size: int) -> None:
        """Raises `Unreachable` once it is used up."""
        with self._lock:
            self._left -= size
            if self._left < 0:
                raise Unreachable("the answers of this run are too large together")


class Place(Protocol):
    """Somewhere a script can be run.

    `environment` is what the runtime of a node adds to it.
    """

    @property
    def environment(self) -> Environment: ...
    def ask(self, script: bytes, limit: float, budget: Budget) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Program:
    """A place behind a program that takes the script on its standard input."""

    argv: Sequence[str]
    environment: Environment = NOTHING

    def ask(self, script: bytes, limit: float, budget: Budget) -> bytes:
        """What the script wrote. Raises `Unreachable` with the program's own words."""
        try:
            process = subprocess.Popen(
                self.argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
            )
        except OSError as error:
            raise Unreachable(f"{self.argv[0]}: {error.strerror}") from None
        with process:
            try:
                out, err = _exchanged(process, script, time.monotonic() + limit, budget)
                code = process.wait(max(0.1, limit))
            except (TimeoutError, subprocess.TimeoutExpired):
                raise Unreachable(f"no answer within {limit:.0f} s") from None
            finally:
                process.kill()
        if code:
            said = err.decode("utf-8", "replace").strip().splitlines()
            raise Unreachable(said[-1] if said else f"{self.argv[0]}: exit {code}")
        return out


def _exchanged(
    process: subprocess.Popen[bytes], script: bytes, end: float, budget: Budget
) -> tuple[bytes, bytes]:
    """Write the script, and read both streams until they end: never more than is allowed.

    Raises `TimeoutError`, or `Unreachable` for an answer that is too large.
    """
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin and stdout and stderr
    # its value is taken without a copy
    out, err = BytesIO(), bytearray()
    rest = memoryview(script)
    with selectors.DefaultSelector() as waiting:
        os.set_blocking(stdin.fileno(), False)
        waiting.register(stdin, selectors.EVENT_WRITE)
        for stream in (stdout, stderr):
            waiting.register(stream, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(max(0.0, end - time.monotonic()))
            if not ready and time.monotonic() >= end:
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is stdin:
                    rest = _written(stdin, rest)
                    if not rest:
                        waiting.unregister(stdin)
                        stdin.close()
                    continue
                stream = stdout if key.fileobj is stdout else stderr
                chunk = os.read(key.fd, CHUNK)
                if not chunk:
                    waiting.unregister(stream)
                    continue
                if stream is stderr:
                    err += chunk
                    del err[:-LAST_WORDS]
                    continue
                budget.take(len(chunk))
                out.write(chunk)
                if out.tell() > NODE_BYTES:
                    raise Unreachable(f"its answer is larger than {NODE_BYTES >> 20} MiB")
    return out.getvalue(), bytes(err)


def _written(stdin: IO[bytes], rest: memoryview) -> memoryview:
    """What is left to write; nothing, where nobody reads any more."""
    try:
        return rest[os.write(stdin.fileno(), rest[:CHUNK]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A place that is known not to be there."""

    reason: str
    environment: Environment = NOTHING

    def ask(self, script: bytes, limit: float, budget: Budget) -> bytes:
        """Always raises `Unreachable`."""
        raise Unreachable(self.reason)


@dataclass(frozen=True, slots=True)
class Testinfra:
    """A place behind one of testinfra's own connections, named by its HOSTSPEC."""

    spec: str
    sudo: bool = True
    environment: Environment = NOTHING

    def ask(self, script: bytes, limit: float, budget: Budget) -> bytes:
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
        budget.take(len(out))
        if len(out) > NODE_BYTES:
            raise Unreachable(f"{self.spec}: its answer is larger than {NODE_BYTES >> 20} MiB")
        return out


def local(sudo: bool = True) -> Program:
    """This machine; root is needed to look at a node, not to probe from outside."""
    return Program(["sh", "-c", AS_ROOT if sudo else AS_ANYBODY])
