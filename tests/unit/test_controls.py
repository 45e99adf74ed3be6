"""Catalogues of controls: how a file is read, which checks are for which, what each came to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.unit.reported import report, verdict
from tests.unit.test_verify_cli import programs as programs  # the same stand-ins
from tests.unit.test_verify_cli import run, written
from tests.unit.verify_site import package, site
from verify import bundles
from verify.contract import Control, Status
from verify.controls import Catalogue, assigned, idle, outcomes, wording
from verify.controls.reading import load, shipped
from verify.kinds import KINDS
from verify.plain import ContractError

ROOT = Path(__file__).parents[2]
PASS, FAIL, UNKNOWN, BLOCKED = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.BLOCKED
PENDING, ELSEWHERE = Status.PENDING, Status.ELSEWHERE
OWN = """\
catalogue: own
controls:
  "5.10": {about: packages, checks: [package]}
  A.8(1):
    checks: ["n1/*/there", "*/zone/*", pack*]
  none: {checks: []}
"""


def catalogue(folder: Path, *texts: str | bytes) -> Catalogue:
    paths = [folder / f"{number}.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(paths)


def test_controls_are_read_as_they_are_written(tmp_path: Path) -> None:
    read = catalogue(tmp_path, OWN, 'controls: {1.10: {checks: ["*/a/*"]}}')
    assert read.controls == (
        Control("5.10", "own", "packages"),
        Control("A.8(1)", "own"),
        Control("none", "own"),
        Control("1.10"),
    )
    assert [(link.control, link.glob) for link in read.links] == [
        ("5.10", "package"),
        ("A.8(1)", "n1/*/there"),
        ("A.8(1)", "*/zone/*"),
        ("A.8(1)", "pack*"),
        ("1.10", "*/a/*"),
    ]
    assert read.links[2].where == f"{tmp_path}/0.yaml:5:28"


def test_a_glob_is_of_ids_or_of_kinds(tmp_path: Path) -> None:
    read = catalogue(tmp_path, OWN)
    assert read.of("n1/package/there") == read.of("n2/package/x") == ("5.10", "A.8(1)")
    assert read.of("n1/service/there") == read.of("n9/zone/a/b") == ("A.8(1)",)
    assert read.of("n1/package_files/x") == ("A.8(1)",)
    assert read.of("package/service/package") == read.of("n2/service/there") == ()


def test_what_matches_no_check_of_any_site_is_told(tmp_path: Path) -> None:
    read = catalogue(tmp_path, OWN)
    some, other = site(package("n1", "there")), site(package("n2", "x"))
    place = f"{tmp_path}/0.yaml:5"
    zone = f"{place}:28: `*/zone/*` of A.8(1) matches no check"
    assert idle(read, [some]) == (zone,)
    assert idle(read, [other]) == (f"{place}:14: `n1/*/there` of A.8(1) matches no check", zone)
    assert idle(read, [other, some]) == (zone,)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ([""], "0.yaml is empty"),
        (["[]"], "0.yaml:1:1: the file is not a mapping"),
        (["catalogue: x"], "0.yaml:1:1: has no `controls`"),
        (["controls: [AC-2]"], "0.yaml:1:11: `controls` is not a mapping"),
        (["controls: {AC-2: sshd}"], "0.yaml:1:18: AC-2 is not a mapping"),
        (["controls: {AC-2: {about: x}}"], "0.yaml:1:12: AC-2 has no `checks`"),
        (["controls: {AC-2: {checks: sshd}}"], "0.yaml:1:27: `checks` is not a list"),
        (["controls: {AC-2: {checks: [[]]}}"], "0.yaml:1:28: is not a text"),
        (["controls: {AC-2: {checks: ['']}}"], "0.yaml:1:28: is no glob"),
        (["controls: {AC-2: {checks: [ssdh]}}"], "1:28: `ssdh` is no kind of check: did you mean"),
        (["controls: {AC-2: {checks: [xxxx]}}"], "no kind of check: a glob of ids has a `/`"),
        (["controls: {AC-2: {check: [sshd]}}"], "'check' is no key of AC-2: about, checks"),
        (["control: {}\ncontrols: {}"], "1:1: 'control' is no key of the file"),
        (["controls: {'A C': {checks: []}}"], "'A C' is no id of a control"),
        (["controls: {'A\\x1b': {checks: []}}"], "is no id of a control"),
        (["controls: {a: {checks: []},\n a: {checks: []}}"], "0.yaml:2:2: 'a' is there twice"),
        (["controls: {a: {checks: [], about: 'x\\n\\n y'}}".replace("\\n", "\n")], "one line"),
        ([f"controls: {{a: {{checks: [], about: {'x' * 201}}}}}"], "200 characters at most"),
        (["controls: {a: {checks: [*/x/y]}}"], "0.yaml:1:26: no YAML: expected"),
        (["controls: {a: {checks: [*/x/y]}}"], "; quote what begins with `*`"),
        (["controls: {"], "no YAML"),
        ([b"controls: \xff"], "no YAML"),
        (["controls: \x07"], "no YAML"),
        (["[" * 5000], "no YAML"),
        (["{? [a] : b}"], "a key is a text"),
        ([OWN, OWN], "control 5.10 is in two of the files"),
    ],
)
def test_mistakes_have_their_place(texts: Sequence[str | bytes], why: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as error:
        catalogue(tmp_path, *texts)
    assert why in str(error.value)


def test_all_mistakes_are_told_up_to_ten(tmp_path: Path) -> None:
    lines = [f"  A-{number}: {{checks: [nothing{number}]}}" for number in range(12)]
    with pytest.raises(ContractError) as error:
        catalogue(tmp_path, "\n".join(["controls:", *lines]))
    told_lines = str(error.value).splitlines()
    assert len(told_lines) == 11 and told_lines[-1] == "and 2 more"


@pytest.mark.parametrize(
    ("statuses", "checks", "status", "words"),
    [
        ([PASS, PASS], 2, PASS, "2 pass"),
        ([PASS, PENDING, ELSEWHERE], 3, PASS, "1 pass, 1 pending, 1 elsewhere"),
        ([PASS, FAIL, UNKNOWN], 3, FAIL, "1 pass, 1 fail, 1 unknown"),
        ([PASS, UNKNOWN], 2, UNKNOWN, "1 pass, 1 unknown"),
        ([PASS, BLOCKED], 2, UNKNOWN, "1 pass, 1 blocked"),
        ([PASS], 3, PASS, "1 pass, 2 not asked"),
        ([PENDING], 1, UNKNOWN, "1 pending"),
        ([], 3, UNKNOWN, "3 not asked"),
        ([], 0, ELSEWHERE, "no check here"),
    ],
)
def test_what_a_control_comes_to(
    statuses: Sequence[Status], checks: int, status: Status, words: str
) -> None:
    verdicts = [
        replace(verdict(f"n1/package/{number}", one), controls=("X-1",))
        for number, one in enumerate(statuses)
    ]
    other = replace(verdict("n1/package/other", FAIL), controls=("X-2",))
    controls = (Control("X-1", checks=checks), Control("X-2", checks=1))
    (one, _) = outcomes(report(*verdicts, other, controls=controls))
    assert (one.status, wording(one)) == (status, words)


def test_a_report_has_the_controls_of_its_site_asked_or_not(tmp_path: Path) -> None:
    read = catalogue(tmp_path, OWN)
    named = replace(package("n2", "x"), controls=("OWN-1", "5.10"))
    bundle = site(package("n1", "there"), named)
    whole = assigned(report(verdict("n1/package/there", PASS)), bundle, read)
    assert whole.verdicts[0].controls == ("5.10", "A.8(1)")
    counts: Mapping[str, int] = {one.id: one.checks for one in whole.controls}
    assert counts == {"5.10": 2, "A.8(1)": 2, "none": 0, "OWN-1": 1}
    without = assigned(report(verdict("n2/package/x", PASS)), bundle, Catalogue())
    assert without.verdicts[0].controls == ("OWN-1", "5.10")
    assert [(one.id, one.checks) for one in without.controls] == [("5.10", 1), ("OWN-1", 1)]


# ----- the command -----


def test_a_run_says_which_controls_are_met(programs: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", package("n1", "there"), package("n1", "absent"))
    (tmp_path / "own.yaml").write_text(OWN)
    done = run(folder, "--node", "n1", "--controls", tmp_path / "own.yaml")
    assert done.exit_code == 1
    assert "controls: 2 fail, 1 elsewhere\n" in done.output
    assert "  FAIL 5.10: 1 pass, 1 fail (packages)\n" in done.output
    assert f"not checked: {tmp_path}/own.yaml:5:28: `*/zone/*` of A.8(1) matches" in done.output


def test_a_file_that_is_none_is_said_first(programs: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", package("n1", "there"))
    (tmp_path / "bad.yaml").write_text("controls: {a: {checks: [ssdh, xxxx]}}")
    done = run(folder, "--node", "n1", "--controls", tmp_path / "bad.yaml")
    assert done.exit_code == 2
    assert f"--controls {tmp_path}/bad.yaml:1:25: `ssdh` is no kind of check" in done.output
    assert f"  {tmp_path}/bad.yaml:1:31: `xxxx` is no kind" in done.output
    done = run(folder, "--node", "n1", "--controls", "nowhere")
    assert done.exit_code == 2
    assert "nowhere: No such file or directory; is this a file of controls?" in done.output
    assert programs.read_text() == ""


# ----- the example -----

NIST = load([Path("nist-sp-800-53")])


def test_the_example_names_every_kind_and_only_ids_of_the_catalogue() -> None:
    assert [*shipped()] == ["nist-sp-800-53"]
    form = re.compile(r"(AC|AU|CM|CP|IA|SC|SI)-[1-9]\d?(\([1-9]\d?\))?")
    assert all(form.fullmatch(control.id) for control in NIST.controls)
    ids = [control.id for control in NIST.controls]
    assert ids == sorted(ids, key=lambda name: (name[:2], [*map(int, re.findall(r"\d+", name))]))
    globs = {link.glob for link in NIST.links}
    left = [kind for kind in KINDS if not any(fnmatchcase(kind, glob) for glob in globs)]
    assert left == []
    # words of our own: short, and no sentence of the catalogue
    assert all(0 < len(control.about) <= 60 for control in NIST.controls)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "bundles").iterdir()))
def test_the_example_fits_the_reference_sites(name: str) -> None:
    built = bundles.load(ROOT / "bundles" / name)
    assert idle(NIST, [built]) == ()
    ids = [one.id for manifest in built.manifests.values() for one in manifest.expectations]
    assert [key for key in ids if not NIST.of(key)] == []
