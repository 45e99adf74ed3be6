"""The pytest suite over the engine, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.unit.test_verify_cli import programs, written
from tests.unit.verify_site import expect, package
from verify.cli import verify
from verify.contract import Expectation, Level, Phase
from verify.report import CONTROL
from verify.suite.plugin import NAMED

__all__ = ["programs"]

ROOT = Path(__file__).parents[2]


def suite(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the suite in a process of its own, away from this one's options."""
    argv = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--pyargs"]
    chosen = [] if "-k" in arguments else ["-k", "test_expectation"]
    names = [*argv, "verify.suite", *chosen, *map(str, arguments)]
    return subprocess.run(names, capture_output=True, text=True, cwd="/")


def test_every_status_has_its_own_outcome(programs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    shared = {"path": "/srv", "nodes": ["n1", "n2"]}
    written(
        folder,
        package("n1", "there"),
        package("n1", "absent"),
        package("n1", "blocked", needs=("n1/package/absent",)),
        package("n1", "late", phase=Phase.REBOOTED),
        package("n3", "there"),
        expect("n1/shared_directory/wp", shared, level=Level.BEHAVIOUR),
    )
    done = suite("--stook-bundles", folder, "--stook-target", "ssh")
    assert "1 failed, 1 passed, 3 skipped, 7 deselected, 1 error" in done.stdout, done.stdout
    assert "not asked" in done.stdout and "not checked: demo: 1 checks that act" in done.stdout
    assert "state: wanted installed, found absent" in done.stdout
    assert "unknown: n3 cannot be asked: Host key verification failed." in done.stdout
    assert "blocked: needs n1/package/absent (fail)" in done.stdout
    assert "pending: due when rebooted" in done.stdout


@pytest.mark.parametrize("by_itself", [True, False])
def test_the_documented_command_runs_as_written(
    by_itself: bool, programs: Path, tmp_path: Path
) -> None:
    (tmp_path / "my-site").mkdir()
    written(tmp_path / "my-site", package("n1", "there"))
    page = (ROOT / "docs/how-to/compliance.md").read_text(encoding="utf-8")
    (line,) = (line.strip() for line in page.splitlines() if line.strip().startswith("pytest "))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    if not by_itself:
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    argv = [*line.split(), "-p", "no:cacheprovider", "-k", "test_expectation"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_the_suite_without_bundles_is_a_mistake() -> None:
    done = suite()
    assert done.returncode not in (0, 1)
    assert "verify.suite needs --stook-bundles" in done.stdout


def demo(folder: Path, *more: Expectation) -> Path:
    """A site whose node n1 is as it should be."""
    return written(folder / "demo", package("n1", "there"), *more)


def test_in_order_and_with_one_id_for_each_site(programs: Path, tmp_path: Path) -> None:
    one = demo(tmp_path, package("n1", "absent"), package("n2", "there"))
    ids = [
        line for line in suite("--stook-bundles", one, "--co").stdout.splitlines() if "::" in line
    ]
    assert ids == sorted(ids) and len(ids) == 3
    other = written(tmp_path / "other", package("n1", "absent"))
    (other / "site.json").write_text(
        (other / "site.json").read_text().replace('"site": "demo"', '"site": "other"')
    )
    both = ["--stook-bundles", one, "--stook-bundles", other, "--stook-only", "n1/*"]
    done = suite(*both)
    assert "PASSED ../../" not in done.stdout
    assert "test_expectation[demo:n1/package/there]" in done.stdout, done.stdout
    assert "2 failed, 1 passed" in done.stdout
    twice = suite("--stook-bundles", one, "--stook-bundles", one)
    assert (twice.returncode, "of the site demo" in twice.stderr) == (4, True)


WRONG: dict[str, tuple[str, ...]] = {
    "no-folder": ("--stook-bundles", "/nowhere"),
    "target": ("--stook-target", "banana"),
    "outside": ("--stook-outside", "banana://x"),
    "phase": ("--stook-phase", "later"),
    "level": ("--stook-level", "sea"),
    "times": ("--stook-timeout-multiplier", "0"),
    "times-word": ("--stook-timeout-multiplier", "x"),
    "today": ("--stook-today", "tomorrow"),
    "node": ("--stook-node", "n9"),
    "hosts": ("--hosts", "n1,n9"),
    "no-node": ("--stook-target", "local"),
    "two-local": ("--stook-target=local", "--stook-node=n1", "--stook-node=n2"),
    "two-targets": ("--stook-target", "ssh", "--connection", "docker"),
    "two-users": ("--hosts", "a@n1,b@n2"),
    "config": ("--ssh-config", "/nowhere"),
    "identity": ("--ssh-identity-file", "/nowhere"),
    "sudo-user": ("--sudo-user", "www-data"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_a_usage_error(name: str, programs: Path, tmp_path: Path) -> None:
    done = suite("--stook-bundles", demo(tmp_path), *WRONG[name])
    assert done.returncode == 4, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("ERROR: "), done.stderr
    assert programs.read_text() == ""


def test_options_without_bundles_are_a_usage_error(tmp_path: Path) -> None:
    done = suite("--stook-target", "docker")
    assert (done.returncode, "need --stook-bundles" in done.stderr) == (4, True)


LATE = package("n1", "late", phase=Phase.REBOOTED)
NOTHING: dict[str, tuple[tuple[str, ...], bool]] = {
    "all-skipped": (("-k", "late"), True),
    "all-skipped-by-xdist": (("-k", "late", "-n", "2"), True),
    "none-by-k": (("-k", "nonsense"), False),
    "none-by-m": (("-m", "node(name='n9')"), False),
    "none-by-xdist": (("-k", "nonsense", "-n", "2"), False),
    "none-by-only": (("--stook-only", "n9/*"), False),
    "none-by-level": (("--stook-level", "behaviour"), False),
    "an-empty-node": (("--stook-node", "n2"), False),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_asked_is_an_error(name: str, programs: Path, tmp_path: Path) -> None:
    options, skipped = NOTHING[name]
    done = suite("--stook-bundles", demo(tmp_path, LATE), *options)
    assert done.returncode == 5, done.stdout + done.stderr
    assert "Stook asked nothing: " in done.stdout
    assert ("were skipped" in done.stdout) is skipped


def test_bundles_and_only_other_tests_are_an_error(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n")
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_own.py"]
    argv += ["--stook-bundles", str(demo(tmp_path))]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, "--pyargs verify.suite" in done.stdout) == (5, True), done.stdout


def test_empty_bundles_are_an_error_and_a_list_of_tests_is_none(tmp_path: Path) -> None:
    empty = suite("--stook-bundles", written(tmp_path / "empty"))
    assert (empty.returncode, "Stook asked nothing" in empty.stdout) == (5, True)
    assert suite("--stook-bundles", demo(tmp_path), "--co").returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hosts", "n1"), "1 passed"),
        (("--hosts", "ssh://ops@n1"), "-l ops"),
        (("--connection", "docker", "--hosts", "n1"), "exec -i c1"),
        (("--ssh-config", "FILE"), "-F FILE"),
        (("--ssh-identity-file", "FILE"), "-i FILE"),
        (("--stook-user", "ops", "--sudo"), "-l ops"),
    ],
)
def test_options_of_testinfra_mean_what_they_mean_there(
    options: tuple[str, ...], said: str, programs: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    done = suite(
        "--stook-bundles", demo(tmp_path), *(o.replace("FILE", str(file)) for o in options)
    )
    # the programs of these tests answer for packages by ssh only
    assert done.returncode == ("docker" in options), done.stdout + done.stderr
    assert said.replace("FILE", str(file)) in done.stdout + programs.read_text()


def test_every_option_of_verify_has_its_twin(pytestconfig: pytest.Config) -> None:
    elsewhere = {
        "bundles": "--stook-bundles",
        "nodes": "--stook-node",
        "levels": "--stook-level",
        "wait": "--stook-no-wait",
        "form": "--junitxml",
        "output": "--junitxml",
        "ssh_config": "--ssh-config",
        "ssh_identity_file": "--ssh-identity-file",
        # what would be run is no matter of tests
        "commands": "--collect-only",
    }
    # pytest has a report of its own, which is no input of a later run
    of_reports = {"keep", "keep_last", "keep_days", "since", "controls", "sign", "signers"}
    assert of_reports <= {parameter.name for parameter in verify.params}
    for parameter in verify.params:
        assert parameter.name
        if parameter.name in of_reports:
            continue
        name = elsewhere.get(parameter.name, f"--stook-{parameter.name.replace('_', '-')}")
        assert pytestconfig.getoption(name, default="unknown") != "unknown", name


def test_markers_select_and_properties_tell(programs: Path, tmp_path: Path) -> None:
    site = demo(tmp_path, package("n2", "there"), package("n1", "absent", severity="warning"))
    file = tmp_path / "junit.xml"
    chosen = "node(name='n1') and severity(name='error') and component(name='test')"
    options = ("-m", chosen, "--strict-markers", f"--junitxml={file}")
    done = suite("--stook-bundles", site, *options)
    assert "1 passed" in done.stdout, done.stdout
    assert " n2 " not in programs.read_text(), "only nodes of the selected tests are asked"
    (case,) = ElementTree.parse(file).getroot().iter("testcase")
    told = {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}
    assert told == {
        "verdict": "pass",
        "spec": "spec.path",
        "component": "test",
        "level": "state",
        "severity": "error",
        "node": "n1",
    }
    shown = suite("--stook-bundles", site, "--markers").stdout
    assert all(f"@pytest.mark.{name}(name)" in shown for name in NAMED)


def test_workers_ask_each_node_once(programs: Path, tmp_path: Path) -> None:
    site = demo(tmp_path, LATE, *(package("n2", f"absent{i}") for i in range(6)))
    done = suite("--stook-bundles", site, "-n", "3")
    assert "6 failed, 1 passed, 1 skipped" in done.stdout, done.stdout
    asked = [line for line in programs.read_text().splitlines() if " -G " not in line]
    assert sorted(line.split(" sh -c")[0].split()[-1] for line in asked) == ["n1", "n2"]


def test_nothing_that_a_node_says_acts_on_a_terminal(programs: Path, tmp_path: Path) -> None:
    said = "#!/bin/sh\nprintf 'bad \\033]0;x\\007 \\342\\200\\256 here\\n' >&2; exit 255\n"
    (programs.parent / "bin/ssh").write_text(said)
    file = tmp_path / "junit.xml"
    done = suite("--stook-bundles", demo(tmp_path), f"--junitxml={file}")
    assert "1 error" in done.stdout
    for text in (done.stdout, done.stderr, file.read_text()):
        assert not [c for c in text if CONTROL.match(c) and c not in "\n\t"], text
    spec = written(tmp_path / "new", package("n1", "there"))
    broken = spec / "site.json"
    broken.write_text(broken.read_text().replace("10.0.0.0/24", "\\u001b]0;x"))
    done = suite("--stook-bundles", spec)
    assert (done.returncode, "\x1b" in done.stderr) == (4, False)


def test_the_plugin_is_light() -> None:
    heavy = "('testinfra', 'docker', 'click', 'rich', 'verify.engine')"
    code = f"import sys, verify.suite.plugin; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("option", ["--stook-bundles", "--stook-target", "--stook-active"])
def test_the_options_are_known_to_every_run(option: str, pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getoption(option, default="unknown") != "unknown"
