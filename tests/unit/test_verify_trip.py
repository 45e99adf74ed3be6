"""Framing with the real shells of this machine."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pace import limit
from verify import gather, probes
from verify.contract import Command, Output, Program
from verify.kinds import Environment
from verify.transport import NOTHING, Budget, Unreachable
from verify.trip import LARGEST, SYSTEM, Ask, Garbled, Trip

SHELLS = [name for name in ("sh", "dash", "bash", "busybox") if shutil.which(name)]


def run(asks: dict[str, int], shell: str = "sh", path: str = "") -> dict[str, Output]:
    """What a trip brings back from this machine."""
    whole = Trip.of(Ask(*one) for one in asks.items())
    argv = [shell, "sh", "-s"] if shell == "busybox" else [shell, "-s"]
    environment = {"PATH": f"{path}/usr/bin:/bin:/usr/sbin:/sbin"}
    done = subprocess.run(argv, input=whole.script(), capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    return dict(whole.read(done.stdout))


@pytest.mark.parametrize("shell", SHELLS)
def test_outputs_come_back_byte_by_byte(shell: str) -> None:
    asks = {
        "printf 'no newline'": 5,
        "printf '\\000\\377\\n\\n'": 5,
        "printf 'stook-end %s\\n2 0 5 5\\n' x; echo aside >&2": 5,
        "cat": 5,
        "exit 3": 5,
        "no-such-command": 5,
    }
    found = list(run(asks, shell).values())
    assert found[0] == Output(0, "no newline")
    assert found[1] == Output(0, "\0\\xff\n\n")
    assert found[2] == Output(0, "stook-end x\n2 0 5 5\n", "aside\n")
    assert found[3] == Output(0, "")
    assert found[4] == Output(3, "")
    assert found[5].code == 127


def test_a_large_output_is_whole() -> None:
    assert len(run({"head -c 3000000 /dev/zero": 9})["head -c 3000000 /dev/zero"].out) == 3_000_000


def test_an_output_without_end_is_cut_off_and_no_success() -> None:
    assert run({"yes": 20})["yes"] == Output(None, "", cut=True)


def run_programs(
    folder: Path, sources: dict[str, str], *asks: Ask, shell: str = "sh", **given: str
) -> dict[str, Output]:
    """What comes back of probes with these sources, with `python3` from a folder if it has one."""
    whole = Trip.of(asks, times=2)
    real = probes.source
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probes, "source", lambda name: sources.get(name) or real(name))
        patch.setattr(probes, "_quoted", probes._quoted.__wrapped__)
        script = whole.script()
    argv = [shell, "sh", "-s"] if shell == "busybox" else [shell, "-s"]
    environment = {"PATH": f"{folder}:/usr/bin:/bin:/usr/sbin:/sbin"} | given
    done = subprocess.run(argv, input=script, capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    return dict(whole.read(done.stdout))


ODD = {
    "says": "import sys\nprint(sys.argv, __name__, sys.stdin.read())\nprint('x', file=sys.stderr)",
    "ends": "import sys\nsys.exit(int(sys.argv[1]))",
    "dies": "import sys\nsys.exit('over')",
    "fails": "raise ValueError('no')",
    "sleeps": "import time\ntime.sleep(60)",
    "stays": "import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: None)\n"
    "while True: time.sleep(9)",
    "grows": "import sys\nwhile True: sys.stdout.write('x' * 65536)",
    "kills": "import os\nos.kill(os.getpid(), 9)",
    "full": "import os, sys\nos.dup2(os.open('/dev/full', 1), 1)\nprint('lost')",
    "mute": "import os, sys\nos.dup2(os.open('/dev/full', 1), 2)\nsys.exit('why')",
    "leaves": "import sys\nsys.modules['left'] = sys\nprint('there')",
    "looks": "import sys\nprint('left' in sys.modules)",
}


def asked(name: str, *words: str | int, limit: int = 20) -> Ask:
    return Ask(f"# {name} {words}\nfalse", limit, Program(name, words))


@pytest.mark.parametrize("shell", SHELLS)
def test_programs_run_in_one_python_as_each_would_alone(tmp_path: Path, shell: str) -> None:
    asks = (
        asked("says", "a b", "$(id)", probes.Seconds(4)),
        *(asked("ends", str(code)) for code in (0, 3, -1)),
        *(asked(name) for name in ("dies", "fails", "grows", "kills", "leaves", "looks")),
        asked("sleeps", limit=1),
        asked("stays", limit=1),
        Ask("echo beside", 5),
    )
    answers = list(run_programs(tmp_path, ODD, *asks, shell=shell).values())
    says, zero, three, wraps, dies, fails, grows, kills, leaves, looks, *late, beside = answers
    assert says == Output(0, "['-c', 'a b', '$(id)', '8'] __main__ \n", "x\n")
    assert [zero.code, three.code, wraps.code] == [0, 3, 255]
    assert dies == Output(1, "", "over\n")
    assert (fails.code, fails.err.splitlines()[-1]) == (1, "ValueError: no")
    assert grows.cut
    assert (kills.code, leaves.out, looks.out) == (None, "there\n", "False\n")
    assert late == [Output(None, ""), Output(None, "")]
    assert beside == Output(0, "beside\n")


def test_what_cannot_be_printed_is_no_success(tmp_path: Path) -> None:
    full, mute = run_programs(tmp_path, ODD, asked("full"), asked("mute")).values()
    assert full.code == 120 and mute.code == 120


def test_a_python_that_never_starts_is_given_up_and_ended(tmp_path: Path) -> None:
    fake, note = tmp_path / "python3", tmp_path / "pid"
    fake.write_text(f"#!/bin/sh\necho $$ >{note}\nexec sleep 600\n")
    fake.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trip, "limit", 2)
        late, beside = run_programs(
            tmp_path, ODD, asked("ends", "0", limit=1), Ask("echo", 5)
        ).values()
    assert late.code in (None, 1) and beside == Output(0, "\n")
    begun = time.monotonic()
    while Path(f"/proc/{note.read_text().strip()}").exists():
        assert time.monotonic() - begun < limit(10)
        time.sleep(0.1)


def test_more_programs_than_lanes_all_come_back(tmp_path: Path) -> None:
    asks = [asked("ends", str(code)) for code in range(40)]
    answers = run_programs(tmp_path, ODD, *asks)
    assert [output.code for output in answers.values()] == list(range(40))


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("exit 127", ""),
        ("echo broken >&2; exit 1", "broken\n"),
        ("read line; echo broken >&2; kill -9 $$", "broken\n"),
        ("read line; exit 0", ""),
    ],
)
def test_without_a_python_that_runs_each_is_told_why(
    tmp_path: Path, python: str, said: str
) -> None:
    """And what is more than a program is run as it stands."""
    fake = tmp_path / "python3"
    fake.write_text(f"#!/bin/sh\n{python}\n")
    fake.chmod(0o755)
    programs = [Program("get", (str(number),)) for number in range(9)]
    alone = [Ask(f"# typed\n{probes.text(one)}", 9, one) for one in programs]
    both = Ask("echo by the shell", 9, programs[0])
    answers = run_programs(tmp_path, {}, *alone, both)
    assert answers.pop(both.text) == Output(0, "by the shell\n")
    assert {output.code for output in answers.values()} == {127}
    # a shell adds that it was killed
    assert all(output.err.startswith(said) for output in answers.values())


def answered(*answers: tuple[str, int | str, bytes]) -> dict[str, Output]:
    """What is read of a node that frames its answers itself: a code, a size and bytes for each."""
    whole = Trip.of(Ask(str(number), 5) for number, _ in enumerate(answers))
    heads = "".join(f"{number} {code}\n" for number, (code, _, _) in enumerate(answers, 1))
    sizes = "".join(f"{s} {n}.out\n0 {n}.err\n" for n, (_, s, _) in enumerate(answers, 1))
    begin, end = f"stook-begin {whole.token}\n", f"stook-end {whole.token}\n"
    outputs = b"".join(one for _, _, one in answers)
    return dict(whole.read(f"{begin}{heads}{sizes}0 total\n".encode() + outputs + end.encode()))


@pytest.mark.parametrize("size", ["x", "-2", "2x", "\u0662", "9" * 5000, "1", "3", ""])
def test_a_size_that_is_none_is_a_broken_answer(size: str) -> None:
    assert answered(("0", 2, b"it"))["0"] == Output(0, "it")
    with pytest.raises(Garbled):
        answered(("0", size, b"it"))


@pytest.mark.parametrize("code", ["x", "-2", "", "9" * 5000, "0 0"])
def test_a_code_that_is_none_is_a_broken_answer(code: str) -> None:
    with pytest.raises(Garbled):
        answered((code, 2, b"it"))


def test_the_longest_answer_is_whole_and_a_longer_one_is_cut() -> None:
    longest, longer = b"x" * LARGEST, b"x" * (LARGEST + 1)
    found = answered(("0", LARGEST, longest), ("0", LARGEST + 1, longer), ("0", 2, b"it"))
    assert found["0"] == Output(0, longest.decode())
    assert found["1"] == Output(None, "", cut=True)
    assert found["2"] == Output(0, "it")


def test_all_answers_of_a_trip_have_room_together() -> None:
    large = "\U0001f40c".encode() * (LARGEST // 8)  # four bytes each in memory, too
    found = answered(*(("0", len(large), large) for _ in range(9)), ("0", 2, b"it"))
    assert [output.cut for output in found.values()] == [False] * 7 + [True] * 2 + [False]


def test_time_limits_are_each_command_s_own() -> None:
    stubborn = "trap '' TERM; while :; do sleep 0.1; done"
    begun = time.monotonic()
    slow = f"sleep {limit(30):.0f}"
    found = run({slow: 1, stubborn: 1, "echo quick": 9})
    assert found[slow].code is None
    assert found[stubborn].code is None
    assert found["echo quick"] == Output(0, "quick\n")
    assert time.monotonic() - begun < limit(8)


def test_a_command_that_cannot_be_killed_holds_up_nothing(tmp_path: Path) -> None:
    """A process in the D state ignores even SIGKILL; a timeout that does nothing looks the same."""
    fake = tmp_path / "timeout"
    fake.write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    fake.chmod(0o755)
    begun = time.monotonic()
    slow = f"sleep {limit(20):.0f}"
    found = run({slow: 1, "echo quick": 9}, path=f"{tmp_path}:")
    assert found[slow] == Output(None, "")
    assert found["echo quick"].code == 0
    assert time.monotonic() - begun < limit(10)


def test_many_commands_run_side_by_side() -> None:
    begun = time.monotonic()
    found = run({f"sleep {limit(0.5):.1f}; echo {number}": 60 for number in range(16)})
    assert [output.out.strip() for output in found.values()] == [str(n) for n in range(16)]
    assert time.monotonic() - begun < limit(4)


def test_values_cannot_leave_their_quotes() -> None:
    text = "printf '%s' 'a\n;; esac\n}\n$(id) `id` @COUNT@ '"
    assert run({text: 5})[text].out == "a\n;; esac\n}\n$(id) `id` @COUNT@ "


def test_the_programs_of_a_node_are_the_systems_own(tmp_path: Path) -> None:
    """Whatever the account that asks has in front of them."""
    fake = tmp_path / "id"
    fake.write_text("#!/bin/sh\necho fake\n")
    fake.chmod(0o755)
    words = {"id -u": 5, "echo $PATH ${PYTHONPATH-none} ${LD_LIBRARY_PATH-none}": 5}
    given = {"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": "/x"}
    given["LD_LIBRARY_PATH"] = "/y"
    for system in (True, False):
        whole = Trip.of([Ask(*one) for one in words.items()], system=system)
        done = subprocess.run(["sh", "-s"], input=whole.script(), capture_output=True, env=given)
        who, path = (output.out.strip() for output in whole.read(done.stdout).values())
        assert (who == "fake") is not system
        assert (path == "/usr/sbin:/usr/bin:/sbin:/bin none none") is system


@dataclass
class Refusing:
    """A place that keeps what it is asked, and does not answer."""

    script: bytes = b""

    def ask(self, script: bytes, limit: float, budget: Budget) -> bytes:
        self.script = script
        raise Unreachable("no")

    @property
    def environment(self) -> Environment:
        return NOTHING


@pytest.mark.parametrize(("name", "path"), [("n1", SYSTEM), (gather.OUTSIDE, "''")])
def test_the_machine_outside_is_its_owners(name: str, path: str) -> None:
    place = Refusing()
    gather.ask(name, lambda _: place, [Command("id")], gather.Answers())
    assert f"\npath={path}\n".encode() in place.script


class Breaking:
    """A place whose first answers break off."""

    environment = NOTHING

    def __init__(self, times: int) -> None:
        self.left = times

    def ask(self, script: bytes, limit: float, budget: Budget) -> bytes:
        done = subprocess.run(["sh", "-s"], input=script, capture_output=True)
        self.left -= 1
        return done.stdout[: None if self.left < 0 else -20]


@pytest.mark.parametrize(
    ("times", "step", "answered"), [(1, 0, True), (2, 0, False), (1, 1, False)]
)
def test_an_answer_that_breaks_off_is_asked_for_once_more(
    times: int, step: int, answered: bool
) -> None:
    answers, place = gather.Answers(), Breaking(times)
    gather.ask("n1", lambda _: place, [Command("echo it", step=step)], answers)
    assert (("n1", "echo it") in answers.outputs) == answered
    assert ("n1" in answers.unreachable) != answered


def test_who_has_more_time_waits_longer_within_a_command() -> None:
    words = f"echo {probes.Seconds(3).shell}"
    assert subprocess.run(words, shell=True, capture_output=True, text=True).stdout == "3\n"
    whole = Trip.of([Ask(words, 5)], times=4)
    done = subprocess.run(["sh", "-s"], input=whole.script(), capture_output=True)
    assert whole.read(done.stdout)[words].out == "12\n"
    place = Refusing()
    gather.ask("n1", lambda _: place, [Command("id")], gather.Answers(budget=Budget(times=7)))
    assert b"\ntimes=7\n" in place.script


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    whole = Trip.of([Ask("echo it", 5)])
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    subprocess.run(["sh", "-s"], input=whole.script(), capture_output=True, env=environment)
    assert list(tmp_path.iterdir()) == []


def test_a_trip_whose_folder_is_cleared_away_is_over_at_once() -> None:
    """So does a machine that boots; to wait for what can no longer be told would take minutes."""
    trip = Trip.of(Ask(one, 60) for one in ('rm -rf "$PWD"', *(f"echo {n}" for n in range(20))))
    begun = time.monotonic()
    done = subprocess.run(["sh", "-s"], input=trip.script(), capture_output=True)
    with pytest.raises(Garbled):
        trip.read(done.stdout)
    assert time.monotonic() - begun < limit(20)


def test_noise_before_the_answer_is_no_part_of_it() -> None:
    whole = Trip.of([Ask("echo it", 5)])
    done = subprocess.run(["sh", "-s"], input=whole.script(), capture_output=True)
    assert whole.read(b"Welcome!\n" + done.stdout)["echo it"].out == "it\n"


@pytest.mark.parametrize("cut", [0, 10, -1, -12, -30])
def test_a_broken_connection_is_noticed(cut: int) -> None:
    whole = Trip.of([Ask("echo it", 5)])
    done = subprocess.run(["sh", "-s"], input=whole.script(), capture_output=True)
    with pytest.raises(Garbled):
        whole.read(done.stdout[:cut])


def test_half_a_script_runs_nothing(tmp_path: Path) -> None:
    whole = Trip.of([Ask(f"touch {tmp_path}/ran", 5)])
    half = whole.script()[:-20]
    subprocess.run(["sh", "-s"], input=half, capture_output=True)
    assert not (tmp_path / "ran").exists()
