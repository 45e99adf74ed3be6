"""`stook verify` as a command, with programs of our own in place of ssh, docker and sudo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.unit.verify_site import FakeTarget, package, site
from verify import trip
from verify.bundles import Bundle
from verify.cli import verify
from verify.contract import Expectation, Phase
from verify.serialization import dump
from verify.targets import TARGETS, Ssh, misnamed, of_site, outside, target, this_node
from verify.transport import Budget

SSH = """#!/bin/sh
echo "$@" >>"$LOG"
for word; do last=$word; done
case " $* " in *" -G "*) echo "hostname $last"; exit;; esac
case " $* " in *" n3 "*) echo "Host key verification failed." >&2; exit 255;; esac
sed "s|^path=.*|path='$PATH'|" | sh -c "$last"
"""
DOCKER = """#!/bin/sh
echo "$@" >>"$LOG"
case $1 in
ps) case "$*" in
  *stook.node=n1*|*stook.role=outside*) echo "c1 " ;;
  *stook.node=n2*) [ -z "$OTHER" ] || echo "c2 $OTHER" ;;
  *stook.node=n4*) printf '%s\n' "c3 /other place" "c4 $OWN" ;;
  esac ;;
inspect) echo /seed ;;
exec) shift 3; exec "$@" ;;
esac
"""
SUDO = '#!/bin/sh\nshift\nexec "$@"\n'
DPKG = """#!/bin/sh
for name; do :; done
[ "$name" = there ] || { echo 'no packages found matching' >&2; exit 1; }
echo 'installed ok 1'
"""


def test_containers_of_another_lab_are_never_meant(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "my site"
    monkeypatch.setenv("OWN", str(own))
    monkeypatch.setenv("OTHER", "/other place")
    assert of_site("demo", own, "stook.node=n1") == ["c1"], "of no lab"
    assert of_site("demo", own, "stook.node=n2") == []
    assert of_site("demo", own, "stook.node=n4") == ["c4"]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the programs first on the path; the result is the log of what they were called with."""
    folder, log = tmp_path / "bin", tmp_path / "log"
    folder.mkdir()
    log.touch()
    texts = {"ssh": SSH, "docker": DOCKER, "sudo": SUDO, "dpkg-query": DPKG}
    for name, text in texts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    # to the nodes of these tests they are the system's own; ssh is used by other processes, too
    monkeypatch.setattr(trip, "SYSTEM", os.environ["PATH"])
    monkeypatch.setenv("LOG", str(log))
    return log


def written(folder: Path, *expectations: Expectation) -> Path:
    """A site folder with these expectations."""
    built: Bundle = site(*expectations)
    folder.mkdir(exist_ok=True)
    (folder / "site.json").write_bytes(dump(built.site))
    for name, manifest in built.manifests.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "manifest.json").write_bytes(dump(manifest))
    return folder


def run(*arguments: object) -> Result:
    """The command's result."""
    return CliRunner().invoke(verify, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("name", "node", "code"), [("there", "n1", 0), ("absent", "n1", 1), ("there", "n3", 3)]
)
def test_exit_codes_by_ssh(programs: Path, tmp_path: Path, name: str, node: str, code: int) -> None:
    folder = written(tmp_path / "demo", package(node, name))
    result = run(folder, "--node", node, "--user", "ops")
    assert result.exit_code == code, result.output
    log = programs.read_text()
    assert "StrictHostKeyChecking=yes" in log
    assert "-l ops" in log
    if code == 3:
        assert "n3 cannot be asked: Host key verification failed." in result.output


def test_a_name_nobody_knows_is_reached_at_the_spec_s_address(programs: Path) -> None:
    place = Ssh({"no-such-name": "10.0.0.9"}, outside("local", "demo")).node("no-such-name")
    assert place.ask(b"echo it", 5, Budget()) == b"it\n"
    assert "HostName=10.0.0.9 -o HostKeyAlias=no-such-name" in programs.read_text()


def test_a_target_of_ones_own_is_found_by_its_name() -> None:
    bundle, own = site(package("n1", "there")), FakeTarget({})
    assert target("own", bundle, targets={**TARGETS, "own": lambda *_: own}) is own
    assert target("own", bundle).name == "own", "a connection of testinfra's"


def test_docker_finds_containers_by_label(programs: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", package("n1", "there"), package("n2", "there"))
    result = run(folder, "--target", "docker", "--format", "json")
    (report,) = json.loads(result.output)["sites"]
    assert [verdict["status"] for verdict in report["verdicts"]] == ["pass", "unknown"]
    assert "n2 cannot be asked: 0 running containers" in report["verdicts"][1]["reason"]
    assert "label=stook.site=demo --filter label=stook.node=n1" in programs.read_text()


def test_local_is_one_node(programs: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", package("n1", "there"), package("n2", "there"))
    assert run(folder, "--target", "local", "--node", "n2").exit_code == 0
    two = run(folder, "--target", "local", "--node", "n1", "--node", "n2")
    assert two.exit_code == 2
    stranger = run(folder, "--target", "local")
    assert stranger.exit_code == 2
    assert f"no node {this_node()}" in stranger.output


def test_usage(tmp_path: Path) -> None:
    assert run().exit_code == 2
    assert run(tmp_path / "nowhere").exit_code == 2
    empty = run(tmp_path)
    assert empty.exit_code == 2
    assert "site.json" in empty.output
    assert run(tmp_path, "--phase", "later").exit_code == 2


@pytest.mark.parametrize("names", [["--target", "foo"], ["--outside", "foo://x"]])
def test_a_target_that_there_is_not_is_a_mistake_of_the_caller(
    names: list[str], tmp_path: Path
) -> None:
    result = run(written(tmp_path / "demo", package("n1", "there")), *names)
    assert result.exit_code == 2
    assert "'foo'" in result.output.splitlines()[-1]


@pytest.mark.parametrize("name", ["ssh", "local", "docker", "podman", "ansible", "salt"])
def test_the_documented_targets_are_known(name: str) -> None:
    assert not misnamed(name, "local")
    assert not misnamed("ssh", f"{name}://x")


def test_two_checks_of_one_id_are_a_mistake_of_the_bundle(tmp_path: Path) -> None:
    twice = written(tmp_path / "demo", package("n1", "there"), package("n1", "there"))
    result = run(twice)
    assert result.exit_code == 2
    assert "'n1/package/there' is the id of two checks" in result.output
    foreign = written(tmp_path / "other", package("n1", "there"))
    path = foreign / "n1/manifest.json"
    path.write_text(path.read_text().replace("n1/package/there", "n2/package/there"))
    assert "'n2/package/there' is a check of n2" in run(foreign).output


def test_a_bundle_of_two_builds_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    written(folder)
    text = (folder / "site.json").read_text()
    (folder / "site.json").write_text(text.replace("5" * 64, "6" * 64))
    result = run(folder)
    assert result.exit_code == 2
    assert "built from another spec" in result.output


def test_commands_prints_and_runs_nothing(programs: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", package("n1", "there"))
    result = run(folder, "--commands", "--user", "ops")
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == "# demo: n1"
    assert "dpkg-query -W" in result.output
    assert "ops ALL=(root) NOPASSWD: /usr/bin/sh -s, /bin/sh -s" in result.output
    assert programs.read_text() == ""


def test_output_goes_to_a_file(programs: Path, tmp_path: Path) -> None:
    folder = written(
        tmp_path / "demo", package("n1", "there"), package("n1", "z", phase=Phase.REBOOTED)
    )
    file = tmp_path / "report.xml"
    result = run(folder, "--node", "n1", "--format", "junit", "--output", file)
    assert result.exit_code == 0
    assert file.read_text().startswith("<?xml")
    assert "2 checks of demo: 1 pass, 1 pending" in result.output


def test_a_file_is_there_whole_or_as_it_was(programs: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", package("n1", "there"))
    file, link = tmp_path / "out" / "stook.prom", tmp_path / "link.prom"
    file.parent.mkdir()
    file.write_text("of last time")
    link.symlink_to(file)
    opened = file.open()
    result = run(folder, "--node", "n1", "--format", "prometheus", "--output", link)
    assert result.exit_code == 0, result.output
    assert opened.read() == "of last time", "whoever reads it meanwhile has the last one"
    assert file.read_text().startswith("# HELP stook_check_status")
    assert link.is_symlink() and [*file.parent.iterdir()] == [file]


def test_a_report_may_go_to_what_is_no_file(programs: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", package("n1", "there"))
    result = run(folder, "--node", "n1", "--format", "json", "--output", "/dev/null")
    assert result.exit_code == 0, result.output
    assert Path("/dev/null").is_char_device()


def test_two_folders_of_one_site_are_not_told_apart(programs: Path, tmp_path: Path) -> None:
    folders = [written(tmp_path / name, package("n1", "there")) for name in ("a", "b")]
    result = run(*folders, "--node", "n1")
    assert result.exit_code == 2
    assert "two of the folders are of site demo" in result.output
    assert programs.read_text() == ""


@pytest.mark.parametrize(
    ("spec", "called"),
    [
        ("docker", "exec -i c1 sh -s"),
        ("docker://box", "exec -i box sh -s"),
        ("ssh://desk:2222", "-p 2222 desk exec sh -s"),
    ],
)
def test_outside_is_where_it_is_said_to_be(programs: Path, spec: str, called: str) -> None:
    assert outside(spec, "demo").ask(b"echo it", 5, Budget()) == b"it\n"
    assert called in programs.read_text()


def test_outside_by_testinfra() -> None:
    assert outside("local://", "demo").ask(b"echo it", 5, Budget()) == b"it\n"


def test_the_module_runs_alone_and_starts_late() -> None:
    heavy = "('docker', 'rich', 'pytest', 'testinfra', 'verify.engine')"
    code = f"import sys, verify.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
