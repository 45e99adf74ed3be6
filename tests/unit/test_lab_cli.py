"""The commands of the lab say what is wrong in one line, and do what they are told to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from verify.lab import cli, faults, site
from verify.lab.boot import Boot
from verify.lab.errors import LabError


@dataclass
class FakeLab:
    """A lab without an engine."""

    folder: Path = Path()
    errors: tuple[str, ...] = ()
    done: list[str] = field(default_factory=list)
    pace: float = 0

    def up(
        self,
        late: Collection[str],
        seedless: Collection[str],
        bare: bool,
        keep: bool,
        wait: int,
        secretless: Collection[str],
    ) -> dict[str, Boot]:
        left = [list(names) for names in (late, seedless, secretless)]
        self.done.append(f"up {left} {bare} {keep} {wait}")
        return {"a": Boot(self.errors, "running", True, 1.0)}

    def down(self) -> None:
        self.done.append("down")

    def give_secrets(self, name: str) -> None:
        self.done.append(f"secrets for {name}")

    def status(self) -> tuple[site.MachineStatus, ...]:
        return (site.MachineStatus("a", "node", "running", {"internal": ("10.0.0.1",)}),)

    def act(self, name: str, verb: str) -> None:
        raise LabError(f"{name} is not there")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeLab:
    made = FakeLab()

    def lab(folder: Path, say: object, pace: float) -> FakeLab:
        made.pace = pace
        return made

    monkeypatch.setattr(site, "Lab", lab)
    return made


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.lab, arguments)
    return done.exit_code, done.output


def test_up_passes_on_what_is_asked(fake: FakeLab, tmp_path: Path) -> None:
    words = ["--late", "a", "--seedless", "b", "--secretless", "c", "--bare", "--wait", "9"]
    code, _ = run("up", str(tmp_path), *words)
    assert (code, fake.done) == (0, ["up [['a'], ['b'], ['c']] True False 9"])


def test_a_slow_machine_is_given_time(fake: FakeLab, tmp_path: Path) -> None:
    assert run("down", str(tmp_path))[0] == 0 and fake.pace == 1
    assert run("--timeout-multiplier", "3", "down", str(tmp_path))[0] == 0 and fake.pace == 3
    done = CliRunner().invoke(
        cli.lab, ["down", str(tmp_path)], env={"STOOK_TIMEOUT_MULTIPLIER": "4"}
    )
    assert done.exit_code == 0 and fake.pace == 4


def test_up_fails_where_cloud_init_had_errors(fake: FakeLab, tmp_path: Path) -> None:
    fake.errors = ("runcmd failed",)
    code, output = run("up", str(tmp_path))
    assert code == 1
    assert "a: cloud-init runcmd failed" in output


def test_status_shows_every_machine(fake: FakeLab, tmp_path: Path) -> None:
    assert run("status", str(tmp_path))[1].split() == ["a", "node", "running", "10.0.0.1"]


def test_secrets_are_brought_later(fake: FakeLab, tmp_path: Path) -> None:
    assert run("secrets", str(tmp_path), "a")[0] == 0
    assert fake.done == ["secrets for a"]


def test_in_a_built_site_its_folder_need_not_be_named(
    fake: FakeLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each node's bundle is a folder there, of the node's name."""
    (tmp_path / "a").mkdir()
    (tmp_path / "site.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert run("secrets", "a")[0] == run("secrets", str(tmp_path), "a")[0] == 0
    assert fake.done == ["secrets for a"] * 2
    assert run("fault", "node-power-off")[1] == "Error: node-gfs3 is not there\n"
    assert run("verify", "--format", "nonsense")[0] == 2
    for odd in ("a" * 300, "a\0b"):
        assert run("secrets", odd)[0] == 0 and fake.done.pop() == f"secrets for {odd}"
    monkeypatch.chdir("a")
    assert "Missing argument 'NODE'" in run("secrets", "..")[1]
    assert run("secrets", "..", "a")[0] == 0


def test_down_takes_down(fake: FakeLab, tmp_path: Path) -> None:
    assert run("down", str(tmp_path))[0] == 0
    assert fake.done == ["down"]


def test_faults_are_listed_and_done(fake: FakeLab, tmp_path: Path) -> None:
    listed = run("faults")[1]
    assert all(name in listed for name in faults.load_all())
    code, output = run("fault", str(tmp_path), "node-power-off")
    assert (code, output) == (1, "Error: node-gfs3 is not there\n")


def test_faults_of_ones_own_are_listed_and_found(fake: FakeLab, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "title: one of mine\ninject: [{at: a, do: kill}]\nundo: []\nred: [a/*]\n"
    )
    assert run("faults", "--faults", str(tmp_path))[1].split() == [
        *("mine", "ha-wordpress", "one", "of", "mine")
    ]
    done = run("fault", str(tmp_path), "brick-killed", "--faults", str(tmp_path))
    assert done == (1, "Error: no fault 'brick-killed'; there are mine\n")


def test_a_folder_that_is_no_site_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.lab.host.engine", lambda: None)
    code, output = run("status", str(tmp_path))
    assert code == 1
    assert "is this a built site folder?" in output
