"""Earlier reports: what has changed since, where they are kept, and what is no report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from tests.pace import multiplier
from tests.unit.reported import EVIL, report, verdict
from tests.unit.test_verify_cli import programs as programs  # the same stand-ins
from tests.unit.test_verify_cli import run, written
from tests.unit.verify_site import package, site
from verify.bundles import Bundle
from verify.contract import Change, Report, Since, Status, Turn
from verify.history import folder
from verify.history.changes import compare, summary, untold
from verify.history.signing import NAMESPACE, beside, checker, sign
from verify.plain import ContractError
from verify.report import CONTROL
from verify.reports import FORMATS, load_format
from verify.serialization import load_reports

PASS, FAIL, UNKNOWN, BLOCKED = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.BLOCKED
PENDING = Status.PENDING


def bundle_of(*names: str, digest: str = "a" * 64) -> Bundle:
    """A bundle of these packages of n1 and n2, each node's with this digest."""
    built = site(*(package(*name.split("/")) for name in names))
    manifests = {n: replace(m, bundle_digest=digest) for n, m in built.manifests.items()}
    return replace(built, manifests=manifests)


def ran(statuses: Mapping[str, Status], digest: str = "a" * 64, **other: Any) -> Report:
    """A report of packages that came to these; all nodes have one digest."""
    verdicts = [verdict(key.replace("/", "/package/"), status) for key, status in statuses.items()]
    nodes = {"n1": digest, "n2": digest, "n3": digest}
    return report(*verdicts, **{"bundles": nodes, "site": "demo"} | other)


@pytest.mark.parametrize(
    ("then", "now", "turn"),
    [
        (PASS, FAIL, Turn.FAILS),
        (UNKNOWN, FAIL, Turn.FAILS),
        (PASS, UNKNOWN, Turn.UNKNOWN),
        (FAIL, UNKNOWN, Turn.UNKNOWN),
        (FAIL, PASS, Turn.MET),
        (UNKNOWN, PASS, Turn.MET),
        (BLOCKED, PASS, Turn.MET),
        (PENDING, PASS, Turn.OTHER),
        (PASS, BLOCKED, Turn.OTHER),
        (None, PASS, Turn.NEW),
        (None, FAIL, Turn.FAILS),
        (PASS, None, Turn.GONE),
    ],
)
def test_how_a_check_may_turn(then: Status | None, now: Status | None, turn: Turn) -> None:
    before = ran({"n1/x": then} if then else {}, digest="b" * 64)
    after = ran({"n1/x": now} if now else {})
    bundle = bundle_of(*(["n1/x"] if now else []))
    change = Change("n1/package/x", turn, then, now)
    assert compare(after, [before], bundle).changes == (change,)


@pytest.mark.parametrize("status", Status)
def test_what_came_to_the_same_has_not_changed(status: Status) -> None:
    same = ran({"n1/x": status})
    since = compare(same, [same], bundle_of("n1/x"))
    assert (since.changes, since.bundles, untold(since)) == ((), {}, "")
    assert summary(since) == "nothing has changed"


def test_what_a_run_was_not_to_ask_is_neither_gone_nor_new() -> None:
    every, one = {"n1/x": PASS, "n1/y": FAIL, "n2/x": PASS}, {"n1/x": FAIL}
    bundle = bundle_of(*every)
    only = compare(ran(one, bundles={"n1": "a" * 64}), [ran(every)], bundle)
    assert [change.turn for change in only.changes] == [Turn.FAILS]
    assert (only.only_now, only.only_then, only.bundles) == (0, 2, {})
    back = compare(ran(every), [ran(one, bundles={"n1": "a" * 64})], bundle)
    assert [change.turn for change in back.changes] == [Turn.MET]
    assert (back.only_now, back.only_then, back.bundles) == (2, 0, {})
    assert untold(back) == "2 asked only this time"


def test_to_ask_for_less_in_between_hides_nothing() -> None:
    whole, part = ran({"n1/x": PASS, "n1/y": PASS}), ran({"n1/x": PASS})
    now, bundle = ran({"n1/x": PASS, "n1/y": FAIL}), bundle_of("n1/x", "n1/y")
    since = compare(now, [part, part, whole], bundle)
    assert since.changes == (Change("n1/package/y", Turn.FAILS, PASS, FAIL),)
    assert untold(since) == ""
    other = compare(now, [part, replace(whole, bundles={"n1": "b" * 64})], bundle)
    assert other.changes == () and untold(other) == "1 asked only this time"


def test_what_left_the_spec_is_gone_even_where_its_node_was_not_asked() -> None:
    before = ran({"n1/x": PASS, "n9/x": PASS}, bundles={"n1": "b" * 64, "n9": "c" * 64})
    since = compare(ran({"n1/x": PASS}), [before], bundle_of("n1/x"))
    assert since.changes == (Change("n9/package/x", Turn.GONE, PASS, None),)
    assert since.bundles == {"n1": ("b" * 64, "a" * 64), "n9": ("c" * 64, "")}


def test_another_spec_brings_nodes() -> None:
    before = ran({"n1/x": PASS}, bundles={"n1": "a" * 64}, spec_digest="4" * 64)
    since = compare(ran({"n1/x": PASS, "n2/x": PASS}), [before], bundle_of("n1/x", "n2/x"))
    assert since.changes == (Change("n2/package/x", Turn.NEW, None, PASS),)
    assert since.bundles == {"n2": ("", "a" * 64), "n3": ("", "a" * 64)}
    assert summary(since) == "1 new, 2 other bundles"


# ----- the folder -----


def at(second: int, day: int = 22, name: str = "demo") -> Report:
    return ran({"n1/x": PASS}, started=f"2026-11-{day:02}T03:00:{second:02}+00:00", site=name)


def test_reports_are_kept_under_names_that_sort(tmp_path: Path) -> None:
    for one in (at(1), at(0), at(0), at(0, day=1), at(3, name="demo-b")):
        folder.keep(tmp_path, one)
    names = [path.name for path in folder.names(tmp_path, "demo")]
    assert (
        names
        == sorted(names)
        == [
            "demo.20261101T030000Z.json",
            "demo.20261122T030000Z.json",
            "demo.20261122T030000Z_1.json",
            "demo.20261122T030001Z.json",
        ]
    )
    assert len([*tmp_path.iterdir()]) == 5, "nothing else is left"
    assert load_reports(tmp_path / names[-1]) == (at(1),)
    reports, wrong = folder.last(tmp_path, "demo")
    assert [one.started[8:19] for one in reports[:2]] == ["22T03:00:01", "22T03:00:00"]
    assert wrong == ()


def test_a_part_that_a_crash_left_is_in_nobody_s_way(tmp_path: Path) -> None:
    part = tmp_path / ".demo.20261122T030000Z.json.part"
    part.write_text("{")
    assert folder.keep(tmp_path, at(0)).name == "demo.20261122T030000Z_1.json"
    assert part.read_text() == "{"


@pytest.mark.parametrize(
    ("most", "days", "left"),
    [
        (None, None, [1, 2, 20, 21, 22]),
        (2, None, [21, 22]),
        (9, None, [1, 2, 20, 21, 22]),
        (None, 2, [20, 21, 22]),
        (None, 20, [2, 20, 21, 22]),
        (2, 2, [21, 22]),
        (4, 1, [21, 22]),
        (1, 1, [22]),
    ],
)
def test_how_many_are_kept_and_how_long(
    most: int | None, days: int | None, left: list[int], tmp_path: Path
) -> None:
    others = [tmp_path / name for name in ("demo.json", "demo.20261101T030000Z.json.txt", "x")]
    for one in others:
        one.touch()
    folder.keep(tmp_path, at(0, day=1, name="other"))
    for day in (1, 2, 20, 21, 22):
        path = folder.keep(tmp_path, at(0, day=day))
        Path(f"{path}.sig").touch()
    folder.thin(tmp_path, at(0), most, days)
    stamps = [f"demo.202611{day:02}T030000Z.json" for day in left]
    assert [path.name for path in folder.names(tmp_path, "demo")] == stamps
    assert {path.name for path in tmp_path.glob("*.sig")} == {f"{name}.sig" for name in stamps}
    assert len(folder.names(tmp_path, "other")) == 1
    assert all(one.exists() for one in others)


def test_the_last_one_stays_however_old(tmp_path: Path) -> None:
    folder.keep(tmp_path, at(0, day=1))
    folder.thin(tmp_path, at(0), None, 1)
    assert len(folder.names(tmp_path, "demo")) == 1


def test_what_is_no_report_is_said_and_the_one_before_it_counts(tmp_path: Path) -> None:
    folder.keep(tmp_path, at(0))
    folder.keep(tmp_path, at(1, name="evil")).rename(tmp_path / "demo.20261122T030001Z.json")
    (tmp_path / "demo.20261122T030002Z.json").write_text("{" + EVIL[:-1])
    (tmp_path / "demo.20261122T030003Z.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "demo.20261122T030004Z.json")
    (tmp_path / "demo.20261122T030005Z.json").mkdir()
    reports, wrong = folder.last(tmp_path, "demo")
    assert reports == (at(0),)
    reasons = ("Is a directory", "no regular file", "no regular file", "not JSON", "of site demo")
    assert len(wrong) == len(reasons)
    assert all(reason in text for reason, text in zip(reasons, wrong, strict=True)), wrong


def test_what_is_read_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [folder.keep(tmp_path, at(second)) for second in range(5)]
    size = paths[0].stat().st_size
    monkeypatch.setattr(folder, "LARGEST", 3 * size)
    assert len(folder.last(tmp_path, "demo")[0]) == 3
    with pytest.raises(ContractError, match="more than"):
        folder.content_of(paths[0], size - 1)
    assert len(folder.content_of(paths[0], size)) == size
    monkeypatch.setattr(folder, "MOST_RUNS", 2)
    assert len(folder.last(tmp_path, "demo")[0]) == 2


@pytest.mark.parametrize("days", [366 * 1000, 400_000, 999_999, 10**12])
def test_more_days_than_the_calendar_has_delete_nothing(tmp_path: Path, days: int) -> None:
    paths = [folder.keep(tmp_path, at(day)) for day in range(3)]
    folder.thin(tmp_path, at(2), None, days)
    assert [*folder.names(tmp_path, "demo")] == paths


def test_what_a_wrong_clock_has_kept_is_neither_the_last_one_nor_in_the_way(tmp_path: Path) -> None:
    now = at(1)
    earlier, later = folder.keep(tmp_path, at(0)), folder.keep(tmp_path, at(400))
    mine = folder.keep(tmp_path, now)
    moment = datetime.fromisoformat(now.started)
    reports, wrong = folder.last(tmp_path, "demo", now=moment)
    assert [one.started for one in reports] == [now.started, at(0).started]
    assert wrong == (f"{later} is of a moment that has not come yet",)
    folder.thin(tmp_path, now, 1, None)
    assert folder.names(tmp_path, "demo") == [mine, later] and not earlier.exists()


def test_a_signature_is_never_written_through_a_link(tmp_path: Path) -> None:
    victim, first = tmp_path / "victim", folder.keep(tmp_path / ".", at(0))
    first.unlink()
    victim.write_text("mine")
    Path(f"{first}.sig").symlink_to(victim)
    assert folder.keep(tmp_path, at(0), lambda content: b"signed") == first
    assert victim.read_text() == "mine"
    assert Path(f"{first}.sig").read_bytes() == b"signed"


# ----- the command -----


@pytest.fixture(autouse=True)
def slow_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared is verdicts, and none of them may be unknown for want of time."""
    monkeypatch.setenv("STOOK_TIMEOUT_MULTIPLIER", multiplier())


def demo(tmp_path: Path, *names: str) -> Path:
    return written(tmp_path / "demo", *(package("n1", name) for name in names))


def test_a_folder_of_reports_grows_and_tells_what_changed(programs: Path, tmp_path: Path) -> None:
    kept = tmp_path / "reports" / "of" / "demo"
    first = run(demo(tmp_path, "there"), "--node", "n1", "--keep", kept)
    assert first.exit_code == 0 and "since" not in first.output
    (one,) = kept.iterdir()
    assert load_reports(one)[0].since is None
    shutil.rmtree(tmp_path / "demo")
    changed = demo(tmp_path, "there", "absent")
    manifest = changed / "n1/manifest.json"
    data = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(data | {"bundle_digest": "e" * 64}))
    second = run(changed, "--node", "n1", "--keep", kept)
    assert second.exit_code == 1, second.output
    assert ": 1 newly not met, 1 other bundle\n" in second.output
    assert "newly not met: n1/package/absent (not there, now fail)" in second.output
    third = run(changed, "--node", "n1", "--since", kept, "--format", "html")
    assert "nothing has changed" in third.output
    assert third.output.count('<th scope="row">20') == 3, "this run and two that are kept"
    assert len([*kept.iterdir()]) == 2, "--since keeps nothing"
    last = run(changed, "--node", "n1", "--keep", kept, "--keep-last", "1", "--since", one)
    assert last.exit_code == 1 and "1 newly not met" in last.output
    assert len([*kept.iterdir()]) == 1 and not one.exists()


def refused(tmp_path: Path, content: str | bytes) -> Result:
    file = tmp_path / "before.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return run(demo(tmp_path, "there"), "--node", "n1", "--since", file)


JSON = load_format("json")
ODD = JSON.write([at(0)]).replace('"since": null', '"since": {"runs": 1}')


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "contract None, this version reads 2"),
        ('{"contract": 1, "sites": []}', "contract 1, this version reads 2"),
        ('{"contract": 2, "sites": []}', "has 0 reports of site demo; it has none"),
        (JSON.write([report(site="shop")]), "has 0 reports of site demo; it has shop"),
        (JSON.write([at(0), at(1)]), "has 2 reports of site demo"),
        (JSON.write([at(0)]).replace('"pass"', '"fine"'), "not one of pass, fail"),
        (
            JSON.write([at(0)]).replace('"since": null', '"since": {"runs": 1}'),
            "since.runs is not a list",
        ),
        ('{"contract": 2, "sites": [{"\\u001b[2J": 1}]}', "unknown fields (\\x1b[2J)"),
        ('{"contract": 2, "sites": [{"' + "x" * 99999 + '": 1}]}', "characters)"),
    ],
)
def test_what_is_no_report_of_the_site_is_a_usage_error(
    content: str | bytes, why: str, programs: Path, tmp_path: Path
) -> None:
    done = refused(tmp_path, content)
    assert (done.exit_code, why in " ".join(done.output.split())) == (2, True), done.output
    assert f"--since {tmp_path}/before.json" in done.output
    assert programs.read_text() == "" and len(done.output) < 1000


def test_a_bad_one_in_a_folder_is_a_line_of_the_report(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "demo.20261122T030000Z.json").write_text('{"contract": "\x1b[2J"}')
    done = run(demo(tmp_path, "there"), "--node", "n1", "--keep", tmp_path)
    assert done.exit_code == 0
    assert "not checked: an earlier report: " in done.output and "\x1b" not in done.output


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--keep-last", "3"], "need --keep"),
        (["--keep-days", "3"], "need --keep"),
        (["--keep", "FILE"], "is a file"),
        (["--keep", "FILE/x"], "Not a directory"),
        (["--keep", "/proc/x"], "No such file"),
        (["--keep", "DIR", "--keep-last", "0"], "0 is not in the range"),
        (["--since", "nowhere"], "does not exist"),
        (["--since", "/dev/zero"], "no regular file"),
    ],
)
def test_where_nothing_can_be_is_said_first(
    options: list[str], why: str, programs: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    words = [o.replace("FILE", str(file)).replace("DIR", str(tmp_path)) for o in options]
    done = run(demo(tmp_path, "there"), "--node", "n1", *words)
    assert (done.exit_code, why in " ".join(done.output.split())) == (2, True), done.output
    assert programs.read_text() == ""


def test_a_report_that_cannot_be_kept_is_shown_all_the_same(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "keep", full)
    done = run(demo(tmp_path, "there"), "--node", "n1", "--keep", tmp_path)
    assert done.exit_code == 2
    assert "1 checks of demo: 1 pass" in done.output
    assert f"--keep {tmp_path}: No space left on device" in done.output


@given(st.text(min_size=1))
def test_nothing_of_an_earlier_report_acts(text: str) -> None:
    before = ran({f"n1/{text}": FAIL}, started=text, target=text, bundles={text: text})
    (read,) = json.loads(JSON.write([before]))["sites"]
    assert read["started"] == text
    now = ran({"n1/x": PASS})
    since = compare(now, [before, before], bundle_of("n1/x"))
    assert isinstance(since, Since) and since.changes
    for form in FORMATS:
        shown = load_format(form).write([replace(now, since=since)])
        assert not [c for c in shown if CONTROL.match(c) and c not in "\n\t"], form


# ----- signatures -----


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key of ssh, with `signers` beside it that believe it for reports."""
    path = tmp_path / "key"
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", str(path)]
    subprocess.run(words, check=True)
    public = path.with_suffix(".pub").read_text()
    line = f'!nobody,ops@demo,*.demo namespaces="{NAMESPACE}" {public}'
    path.with_name("signers").write_text(f"# who may sign\n{line}")
    return path


def test_a_signed_report_is_believed_and_no_other(
    programs: Path, tmp_path: Path, key: Path
) -> None:
    site, signers, file = demo(tmp_path, "there"), tmp_path / "signers", tmp_path / "last.json"
    asked = (site, "--node", "n1", "--format", "json")
    assert run(*asked, "--output", file, "--sign", key).exit_code == 0
    since = ("--since", file, "--signers", signers)
    assert '"since": {"bundles"' in run(*asked, *since).output
    signature = beside(file).read_bytes()
    file.write_bytes(file.read_bytes() + b"\n")
    done = run(*asked, *since)
    assert done.exit_code == 2 and "is not what its signature is of" in done.output
    run(site, "--node", "n2", "--format", "json", "--output", file)
    assert beside(file).read_bytes() == signature
    assert run(*asked, *since).exit_code == 2, "a signature of the one before"
    beside(file).unlink()
    assert "is this a signature?" in run(*asked, *since).output
    for content in (b"", b"\xff" * 9, b"x" * 70_000):
        beside(file).write_bytes(content)
        assert run(*asked, *since).exit_code == 2


def test_a_signature_for_something_else_counts_for_nothing(tmp_path: Path, key: Path) -> None:
    signers, file = tmp_path / "all", tmp_path / "x"
    signers.write_text(f"ops@demo {key.with_suffix('.pub').read_text()}")
    file.write_text("content")
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "file", file], check=True)
    with pytest.raises(ContractError, match="of no report"):
        checker(signers)(file, b"content")
    beside(file).write_bytes(sign(key, b"content"))
    checker(signers)(file, b"content")
    signers.write_text(signers.read_text().replace("ops@demo", "ops@demo valid-before=20200101"))
    with pytest.raises(ContractError):
        checker(signers)(file, b"content")


def test_kept_reports_are_signed_and_a_copy_is_known(
    programs: Path, tmp_path: Path, key: Path
) -> None:
    site, reports = demo(tmp_path, "there"), tmp_path / "reports"
    asked = (site, "--node", "n1", "--keep", reports, "--signers", tmp_path / "signers")
    assert "since" not in run(*asked, "--sign", key).output
    assert "nothing has changed" in run(*asked, "--sign", key).output
    run(*asked)
    done = run(*asked)
    assert done.exit_code == 0 and "nothing has changed" in done.output
    assert "No such file or directory; is this a signature?" in done.output
    first = min(reports.glob("*.json"))
    for path in reports.iterdir():
        if not path.name.startswith(first.name):
            path.unlink()
    time.sleep(1.1)
    later = reports / f"demo.{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    assert later > first
    shutil.copy(first, later)
    shutil.copy(beside(first), beside(later))
    done = run(*asked)
    assert "is of another moment than its name" in " ".join(done.output.split())
    assert "nothing has changed" in done.output, "the one that was copied is there still"


def test_what_cannot_be_signed_is_there_and_said(programs: Path, tmp_path: Path, key: Path) -> None:
    site, reports, file = demo(tmp_path, "there"), tmp_path / "reports", tmp_path / "out.json"
    words = ("--node", "n1", "--format", "json", "--keep", reports, "--output", file)
    key.unlink()
    done = run(site, *words, "--sign", key.with_suffix(".pub"))
    assert done.exit_code == 2 and "does not sign" in done.output
    assert load_reports(file) and load_reports(max(reports.glob("*.json")))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--sign", "KEY"], "--sign needs --output or --keep"),
        (["--sign", "SIGNED", "--output", "OUT"], "is no key"),
        (["--sign", "nowhere", "--output", "OUT"], "does not exist"),
        (["--sign", "KEY", "--output", "/dev/null"], "is no file"),
        (["--signers", "SIGNED"], "--signers needs --since or --keep"),
    ],
)
def test_signing_that_cannot_be_is_said_first(
    options: list[str], why: str, programs: Path, tmp_path: Path, key: Path
) -> None:
    names = {"KEY": key, "SIGNED": tmp_path / "signers", "OUT": tmp_path / "out"}
    done = run(demo(tmp_path, "there"), "--node", "n1", *(names.get(o, o) for o in options))
    assert (done.exit_code, why in " ".join(done.output.split())) == (2, True), done.output
    assert programs.read_text() == ""
