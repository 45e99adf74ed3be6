"""A made-up site for the tests of the engine: nodes that answer from a table, and no time."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from verify import probes
from verify.bundles import Bundle
from verify.contract import (
    Expectation,
    Level,
    Manifest,
    OperatingSystem,
    Output,
    Phase,
    Program,
    Site,
)
from verify.engine import Clock
from verify.kinds import Environment
from verify.readers import states
from verify.readers.answers import ABSENT
from verify.readers.shell import STAMP
from verify.transport import NOTHING, Budget, Nowhere, Place
from verify.trip import NO_PYTHON

CASE = re.compile(r"^(\d+)\) limit=(\d+) forks=(?:yes)? text=(.*?) ;;$", re.M | re.S)
PROGRAMS = re.compile(r"^programs=(.*)$", re.M)
Answer = Output | Callable[[int], Output]


@dataclass
class Clockwork:
    """A clock that stands still unless somebody sleeps."""

    time: float = 0.0

    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class Fake:
    """A node that answers scripts from a table; what is not in it is not found."""

    answers: dict[str, Answer]
    environment: Environment = NOTHING
    asked: list[list[str]] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)

    def ask(self, script: bytes, limit: float, budget: Budget) -> bytes:
        text = script.decode()
        token = re.findall(r"^token=(\w+)$", text, re.M)[0]
        (programs,) = shlex.split(PROGRAMS.findall(text)[0])
        jobs = json.loads(programs)[1] if programs else {}
        alone = [self.parts(shlex.split(c[2])[0], jobs.get(c[0])) for c in CASE.findall(text)]
        self.asked.append([part for parts in alone for part in parts])
        for case, parts in zip(CASE.findall(text), alone, strict=True):
            self.limits |= dict.fromkeys(parts, int(case[1]))
        heads, sizes, outputs = "", "", b""
        for number, found in enumerate(map(self.together, alone), 1):
            heads += f"{number} {'-' if found.code is None else found.code}\n"
            for end, printed in (("out", found.out.encode()), ("err", found.err.encode())):
                sizes += f"{len(printed):7} {number}.{end}\n"
                outputs += printed
        frame = f"stook-begin {token}\n{heads}{sizes}{len(outputs):7} total\n"
        return frame.encode() + outputs + f"stook-end {token}\n".encode()

    def parts(self, text: str, job: tuple[str, list[str], int] | None) -> list[str]:
        """What a command stands for: the program of states asks about packages in one go."""
        if text != NO_PYTHON or not job:
            return [text]
        program, words, _ = job
        if program != states.PROGRAM.name:
            return [probes.text(Program(program, tuple(words)))]
        names = (word.split(" ", 1) for word in words[len(states.PROGRAM.words) :])
        return [getattr(states, kind)(name).text for kind, name in names]

    def together(self, parts: list[str]) -> Output:
        """One answer as it is, and a line of JSON for each of several."""
        outputs = [self.answer(part) for part in parts]
        if len(outputs) == 1:
            return outputs[0]
        return Output(0, "".join(f"{json.dumps([o.code, o.out, o.err])}\n" for o in outputs))

    def answer(self, command: str) -> Output:
        if command == STAMP and command not in self.answers:
            return Output(ABSENT, "")
        found = self.answers.get(command, Output(127, "", "not found"))
        times = sum(commands.count(command) for commands in self.asked)
        return found if isinstance(found, Output) else found(times)


@dataclass
class FakeTarget:
    """Places from a table."""

    places: Mapping[str, Place]
    name: str = "fake"

    def node(self, name: str) -> Place:
        return self.places.get(name, Nowhere("No route to host"))

    def outside(self) -> Place:
        return self.node("outside")


def expect(key: str, want: Mapping[str, Any], **more: Any) -> Expectation:
    """An expectation of the made-up site."""
    return Expectation(key, "test", want, "spec.path", **{"level": Level.STATE, **more})


def package(node: str, name: str, **more: Any) -> Expectation:
    """The simplest expectation there is, due at once."""
    return expect(f"{node}/package/{name}", {"name": name}, **{"phase": Phase.BAKED, **more})


def site(*expectations: Expectation, lists: Mapping[str, Any] | None = None) -> Bundle:
    """A site of three nodes with these expectations."""
    nodes = {f"n{i}": {"addresses": {"internal": f"10.0.0.{i}"}} for i in (1, 2, 3)}
    manifests = {
        name: Manifest(
            site="demo",
            node=name,
            platform="debian-12",
            spec_digest="5" * 64,
            bundle_digest=name * 32,
            files={},
            packages=(),
            disks=(),
            expectations=tuple(e for e in expectations if e.node == name),
            os=OperatingSystem("debian", "12", "bookworm"),
        )
        for name in nodes
    }
    networks = {"internal": ("10.0.0.0/24",)}
    return Bundle(Site("demo", "5" * 64, networks, nodes, lists or {}, {}, ()), manifests)
