"""Writing bundles: repaired after a kill, held against a second build, exact about what goes."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from generator import pipeline
from generator.commands import built
from generator.rendering import bundle

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "tests/rules/base.yaml"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "site" / "site.yaml"
    path.parent.mkdir()
    shutil.copy(SPEC, path)
    return path


def build(spec: Path) -> pipeline.Run:
    run = pipeline.run(spec)
    pipeline.build(run, spec.parent)
    return run


def snapshot(folder: Path) -> Mapping[str, tuple[bytes, int, int]]:
    """Every file with its bytes, mode and time of change."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes(),
            path.stat().st_mode & 0o777,
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != bundle.LOCK
    }


def differences(spec: Path) -> list[str]:
    """The lines of the one finding there is, without its head."""
    run = pipeline.run(spec)
    built.compared(run, spec.parent)
    found = [f.message for f in run.findings if f.rule == "B101"]
    assert len(found) < 2
    return [line.strip() for message in found for line in message.splitlines()[1:]]


def test_two_builds_are_equal_and_the_second_touches_nothing(spec: Path) -> None:
    assert not build(spec).failed
    first = snapshot(spec.parent)
    assert not build(spec).failed
    assert snapshot(spec.parent) == first
    assert differences(spec) == []


def test_clock_locale_and_environment_do_not_matter(spec: Path, tmp_path: Path) -> None:
    build(spec)
    other = tmp_path / "other"
    shutil.copytree(spec.parent, other, ignore=lambda *_: ["n1", "site.json"])
    environment = {"PATH": os.environ["PATH"], "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8"}
    environment |= {"PYTHONHASHSEED": "7", "COLUMNS": "40", "USER": "somebody"}
    command = [sys.executable, "-m", "generator", "build", str(other)]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
    mine, theirs = snapshot(spec.parent), snapshot(other)
    assert {k: v[:2] for k, v in mine.items()} == {k: v[:2] for k, v in theirs.items()}


@pytest.mark.parametrize("name", ["n1/plan.tsv", "n1/user-data", "site.json", "n2/manifest.json"])
def test_a_tampered_file_is_named_and_repaired(spec: Path, name: str) -> None:
    build(spec)
    path = spec.parent / name
    good = path.read_bytes()
    path.write_bytes(good + b"x")
    assert [str(path) in message for message in differences(spec)] == [True]
    path.unlink()
    assert len(differences(spec)) >= 1
    build(spec)
    assert path.read_bytes() == good
    assert differences(spec) == []


def test_a_mode_is_part_of_the_bundle(spec: Path) -> None:
    build(spec)
    script = spec.parent / "n1/apply"
    script.chmod(0o644)
    assert differences(spec) == [f"{script} has another mode"]
    build(spec)
    assert script.stat().st_mode & 0o777 == 0o755


def test_a_node_that_is_gone_loses_exactly_its_own_files(spec: Path) -> None:
    build(spec)
    mine = spec.parent / "x1" / "notes.txt"
    mine.write_text("kept")
    stranger = spec.parent / "stranger"
    stranger.mkdir()
    (stranger / "manifest.json").write_text('{"site": "other", "files": {"a": "b"}}')
    (stranger / "a").write_text("kept")
    text = spec.read_text()
    line = next(line for line in text.splitlines() if line.startswith("  x1:"))
    spec.write_text(text.replace(line + "\n", "").replace("nodes: [x1]", "nodes: [n1]"))
    assert any("x1" in message for message in differences(spec))
    build(spec)
    assert [p.name for p in (spec.parent / "x1").rglob("*")] == ["notes.txt"]
    assert (stranger / "a").read_text() == "kept"
    assert differences(spec) == []


def test_a_file_that_is_no_longer_made_goes(spec: Path) -> None:
    build(spec)
    assert (spec.parent / "n1/rootfs/etc/sudoers.d/stook-ops").exists()
    spec.write_text(spec.read_text().replace("sudo: true", "sudo: false"))
    assert any("left over" in message for message in differences(spec))
    build(spec)
    assert not (spec.parent / "n1/rootfs/etc/sudoers.d").exists()
    assert differences(spec) == []


def test_a_second_build_at_once_is_refused(spec: Path) -> None:
    with bundle.locked(spec.parent):
        run = build(spec)
    assert [f.rule for f in run.findings if f.severity == "error"] == ["B102"]
    assert not (spec.parent / "site.json").exists()


def test_what_stands_in_the_way_is_a_finding(spec: Path) -> None:
    (spec.parent / "n1" / "apply").mkdir(parents=True)
    run = build(spec)
    assert [f.rule for f in run.findings if f.severity == "error"] == ["B103"]


IN_THE_WAY = {
    errno.ENOSPC: ("the disk is full", "free some space"),
    errno.EROFS: ("the file system can only be read", "mount it for writing"),
    errno.EACCES: ("you have no right to write there", "as its owner"),
    errno.EDQUOT: ("your quota is used up", "free some space"),
    errno.EXDEV: ("Invalid cross-device link", "move away what stands there"),
}


@pytest.mark.parametrize("number", IN_THE_WAY)
@pytest.mark.parametrize("at", ["open", "replace"])
def test_what_the_system_refuses_is_told_in_words(
    number: int, at: str, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = getattr(os, at)

    def refuse(path: str, *rest: int) -> object:
        if str(path).startswith(str(spec.parent)) and (at == "replace" or rest[0] & os.O_CREAT):
            raise OSError(number, os.strerror(number), path)
        return system(path, *rest)

    monkeypatch.setattr(os, at, refuse)
    (found,) = (one for one in build(spec).findings if one.severity == "error")
    words, way = IN_THE_WAY[number]
    assert found.rule == "B103"
    assert found.message == f"cannot write {spec.parent}: {words}"
    assert way in found.help


def test_a_directory_where_a_file_belongs_is_named(spec: Path) -> None:
    place = spec.parent / "n1" / "apply"
    place.mkdir(parents=True)
    (found,) = (one for one in build(spec).findings if one.severity == "error")
    assert found.message == f"cannot write {place}: a directory stands where a file belongs"


def test_a_link_is_replaced_and_never_followed(spec: Path, tmp_path: Path) -> None:
    build(spec)
    target = tmp_path / "precious"
    target.write_text("kept")
    path = spec.parent / "n1/apply"
    path.unlink()
    path.symlink_to(target)
    build(spec)
    assert target.read_text() == "kept"
    assert not path.is_symlink()


def test_two_specs_of_one_name_do_not_share_a_folder(spec: Path, tmp_path: Path) -> None:
    other = tmp_path / "second.yaml"
    shutil.copy(spec, other)
    command = [sys.executable, "-m", "generator", "build", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [*command, str(spec), str(other)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "B104" in done.stdout


def test_a_build_killed_anywhere_is_repaired_by_the_next(spec: Path) -> None:
    build(spec)
    whole = {k: v[:2] for k, v in snapshot(spec.parent).items()}
    spec_text = spec.read_text()
    changed = spec_text.replace("ntp.example.internal", "192.0.2.7")
    for delay in (0.0, 0.002, 0.005, 0.01, 0.02, 0.04):
        spec.write_text(changed)
        # the child is stopped inside the writing, which the parent triggers by a pipe
        code = (
            "import sys, pathlib; from generator import pipeline;"
            f"p = pathlib.Path({str(spec)!r}); r = pipeline.run(p);"
            "print('go', flush=True); sys.stdin.readline(); pipeline.build(r, p.parent)"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdin and child.stdout
        assert child.stdout.readline() == "go\n"
        child.stdin.write("\n")
        child.stdin.flush()
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        spec.write_text(spec_text)
        build(spec)
        assert {k: v[:2] for k, v in snapshot(spec.parent).items()} == whole
        assert differences(spec) == []


def test_a_file_beside_the_nodes_goes_with_what_it_was_of(spec: Path) -> None:
    reference = (ROOT / "bundles/ceph-starter/site.yaml").read_text()
    text = spec.read_text()
    spec.write_text(reference)
    build(spec)
    extra = spec.parent / "cephadm.yaml"
    assert extra.is_file() and differences(spec) == []
    extra.write_text("edited\n")
    assert differences(spec) == [f"{extra} has other contents"]
    spec.write_text(text)
    assert f"{extra} is left over" in differences(spec)
    build(spec)
    assert not extra.exists()


def test_one_finding_has_all_that_differs_and_what_it_restarts(spec: Path) -> None:
    build(spec)
    spec.write_text(spec.read_text().replace("ntp.example.internal", "192.0.2.7"))
    chrony = spec.parent / "n1/rootfs/etc/chrony/chrony.conf"
    lines = differences(spec)
    assert f"{chrony} has other contents (also n2, n3, n4, n5 and 2 more)" in lines
    assert "n1, n2, n3, n4 and 3 more: apply restarts chrony.service" in lines
    assert not [line for line in lines if "SHA256SUMS" in line], "it repeats what the others say"
    build(spec)
    sums = spec.parent / "n1/SHA256SUMS"
    sums.write_text("")
    assert differences(spec) == [f"{sums} has other contents"]
    shutil.rmtree(spec.parent / "n1")
    shutil.rmtree(spec.parent / "n2")
    assert differences(spec) == [f"{spec.parent / 'n1'} is missing (also n2)"]


def test_a_long_list_is_cut(spec: Path) -> None:
    build(spec)
    for path in (spec.parent / "n1/rootfs").rglob("*"):
        if path.is_file():
            path.unlink()
    lines = differences(spec)
    assert len([line for line in lines if "is missing" in line]) == built.MOST
    assert [line for line in lines if line.endswith("more like this")]
