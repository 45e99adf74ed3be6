"""Several questions in one process come to the same as each alone, with a `rados` of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from verify import probes
from verify.batch import fold, longest
from verify.contract import Command, Output
from verify.readers import ceph, firewalld, states
from verify.trip import Ask, Trip

RADOS = """
import json, os

class Rados:
    def __init__(self, name, conffile): pass
    def conf_set(self, key, value): pass
    def connect(self):
        if os.environ.get("NO_QUORUM"):
            raise OSError(os.environ["NO_QUORUM"])
    def mon_command(self, question, data):
        prefix = json.loads(question)["prefix"]
        if prefix == "mgr dump":
            raise OSError("[errno 110] error calling mon_command")
        if prefix == "fs dump":
            return -22, b"half", "no such \\u00e9"
        return 0, prefix.encode() + b"\\n\\x00\\xff", "aside"
"""
QUESTIONS = ("osd dump", "mgr dump", "fs dump", "quorum_status")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "rados.py").write_text(RADOS)
    return tmp_path


def run(commands: list[Command], library: Path, **more: str) -> dict[str, Output]:
    """What comes back from this machine."""
    batches = fold(longest(commands).values())
    trip = Trip.of(Ask(batch.text, batch.timeout, batch.program) for batch in batches)
    environment = os.environ | {"PYTHONPATH": str(library)} | more
    done = subprocess.run(["sh", "-s"], input=trip.script(), capture_output=True, env=environment)
    outputs = trip.read(done.stdout)
    return {k: v for batch in batches for k, v in batch.split(outputs[batch.text]).items()}


@pytest.mark.parametrize("quorum", ["", "[errno 110] RADOS timed out (error connecting)"])
def test_together_they_answer_as_each_alone(library: Path, quorum: str) -> None:
    commands = [ceph.ask("m", prefix) for prefix in QUESTIONS]
    alone = {k: v for one in commands for k, v in run([one], library, NO_QUORUM=quorum).items()}
    assert run(commands, library, NO_QUORUM=quorum) == alone
    assert alone[commands[0].text] == (
        Output(1, "", quorum) if quorum else Output(0, "osd dump\n\0\\xff", "")
    )


FIREWALL = """
import sys
if sys.argv[1:] == ["--get-default-zone"]:
    print("world\\n")
elif "--permanent" in sys.argv:
    sys.stderr.write("not running")
    sys.exit(252)
else:
    sys.exit()
"""


def test_the_firewalls_program_runs_once_and_answers_as_often(tmp_path: Path) -> None:
    program = tmp_path / "firewall-cmd"
    program.write_text(f"#!/usr/bin/python3\n{FIREWALL}")
    program.chmod(0o755)
    questions = (firewalld.PERMANENT, firewalld.RUNTIME, firewalld.DEFAULT)
    commands = [firewalld.ask(typed) for typed in questions]
    path = f"{tmp_path}:{os.environ['PATH']}"
    alone = {k: v for one in commands for k, v in run([one], tmp_path, PATH=path).items()}
    assert run(commands, tmp_path, PATH=path) == alone
    assert alone[firewalld.DEFAULT] == Output(0, "world\n\n")
    assert alone[firewalld.PERMANENT] == Output(252, "", "not running")


def test_without_the_firewalls_program_each_is_told_so(tmp_path: Path) -> None:
    for name in ("cat", "mkfifo", "mktemp", "rm", "sh", "sleep", "timeout", "wc"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    questions = (firewalld.PERMANENT, firewalld.RUNTIME)
    commands = [firewalld.ask(typed) for typed in questions]
    answers = run(commands, tmp_path, PATH=str(tmp_path))
    assert {output.code for output in answers.values()} == {127}


def test_they_are_one_process() -> None:
    commands = [Command("date"), *(ceph.ask("m", prefix) for prefix in QUESTIONS)]
    first, second = fold(commands)
    assert (first.text, first.parts) == ("date", ("date",))
    assert second.text.count("python3 -c") == 1
    assert second.text.splitlines()[: len(QUESTIONS)] == [f"# ceph -f json {q}" for q in QUESTIONS]


def test_a_client_that_never_answers_has_answered_nobody() -> None:
    (batch,) = fold(ceph.ask("m", prefix) for prefix in QUESTIONS)
    for output in (Output(None, ""), Output(127, "", "python3: not found"), Output(0, "[0, 1]\n")):
        assert set(batch.split(output).values()) == {output}


@pytest.mark.parametrize(
    "line",
    [
        *('[Infinity, "", ""]', '[1e999, "", ""]', '[NaN, "", ""]', '["0", "", ""]', "[0, 1, 2]"),
        *('[true, "", ""]', '[0, null, ""]', '{"0": 1, "1": 2, "2": 3}', "[0]", "7", "[" * 9999),
    ],
)
def test_an_answer_of_other_types_is_none(line: str) -> None:
    (batch,) = fold([states.package("a"), states.package("b")])
    output = Output(0, f'[0, "", ""]\n{line}\n')
    assert set(batch.split(output).values()) == {output}


def test_what_acts_is_not_asked_with_what_looks() -> None:
    program = probes.python("ask")
    looks = Command("ask it", program=program, question="it")
    acts = Command("# 2\nask it", step=1, program=program, question="it")
    assert [batch.parts for batch in fold([looks, acts])] == [("ask it",), ("# 2\nask it",)]


def test_the_longest_limit_holds() -> None:
    found = longest([Command("a", timeout=5), Command("a", timeout=9), Command("a", timeout=7)])
    assert found["a"].timeout == 9


SYSTEMCTL = """#!/bin/sh
while [ "$1" != -- ]; do shift; done; shift
sep=
for unit; do
  case $unit in broken*) echo "no such name: $unit" >&2; exit 1 ;; esac
  printf "${sep}LoadState=loaded\\nFragmentPath=/lib/%s\\n" "$unit"
  sep="\\n"
done
"""


@pytest.mark.parametrize("broken", [(), ("broken.service",)])
def test_files_packages_and_units_answer_as_each_alone(
    tmp_path: Path, broken: tuple[str, ...]
) -> None:
    """The files are of every type, and packages those of this machine where it has any."""
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    (tmp_path / "it's here").write_text("one\n")
    (tmp_path / "empty").touch(0o604)
    (tmp_path / "folder").mkdir(0o711)
    (tmp_path / "link").symlink_to("it's here")
    (tmp_path / "dangling").symlink_to("nothing")
    os.mkfifo(tmp_path / "fifo", 0o640)
    names = ("it's here", "empty", "folder", "link", "dangling", "fifo", "absent", "empty/below")
    commands = [states.file(str(tmp_path / name)) for name in names]
    commands += [states.file("/dev/null"), states.package("dash"), states.package("no-such-one")]
    commands += [states.unit(name) for name in ("a.service", *broken, "b@c.socket")]
    path = f"{tmp_path}:{os.environ['PATH']}"
    alone = {k: v for one in commands for k, v in run([one], tmp_path, PATH=path).items()}
    together = run(commands, tmp_path, PATH=path)
    assert len(fold(longest(commands).values())) == 1
    assert together == alone
    assert all(output.code == 0 for output in list(alone.values())[: len(names) + 1])
