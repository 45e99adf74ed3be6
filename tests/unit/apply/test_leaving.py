"""What leaves the bundle leaves the node: a file for each kind of thing, put to every test."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.reading import from_yaml
from tests.unit.node import GROUP, ME, Node

CASES = sorted((Path(__file__).parent / "leaving").glob("*.yaml"))
STATE = "var/lib/stook/"
BROKEN = {"files": {"/etc/chrony/conf.d/zz.conf": "BROKEN\n"}, "format": "chrony"}


@dataclass
class Story:
    """A case, told on a node of its own."""

    firsts: ClassVar[dict[str, Path]] = {}
    case: dict[str, Any]
    node: Node

    def meets(self) -> None:
        """What is on the node before anything of ours."""
        there = self.case.get("node", {})
        self.write(there)
        for unit in there.get("units", ()):
            (self.node.notes / "enabled" / unit).write_text("enabled\n")
            (self.node.notes / "active" / unit).touch()
        for unit, package in there.get("owners", {}).items():
            (self.node.notes / f"owner-of-{unit}").write_text(f"{package}: /lib/{unit}\n")
        (self.node.notes / "depends").write_text(f"{there.get('depends', '')}\n")
        for name in there.get("accounts", ()):
            account(self.node, name)

    def write(self, part: dict[str, Any]) -> None:
        for path, text in part.get("files", {}).items():
            self.node.write(path, text)

    def bundle(self, *parts: dict[str, Any]) -> None:
        """Make the next bundle of what every one has and of these parts."""
        node = self.node
        for name in ("rootfs", "blocks"):
            shutil.rmtree(node.bundle / name, ignore_errors=True)
        node.plan = ["package\tchrony"]
        node.file("/etc/chrony/chrony.conf", "server ntp\n", form="chrony")
        node.block("/etc/hosts", "10.77.0.11\tnode-gfs1\n", "node-gfs1")
        node.file("/etc/systemd/system/stook-apply.service", "[Service]\n", form="unit")
        watched = ["/etc/chrony/chrony.conf"]
        for part in parts:
            for path, text in part.get("files", {}).items():
                if part.get("verb") == "repository":
                    node.plan.insert(0, f"repository\t{path}")
                node.file(path, text, form=part.get("format", "text"))
            for path, text in part.get("blocks", {}).items():
                node.block(path, text)
            for line in part.get("plan", ()):
                node.plan.append(line.replace("ME", ME).replace("GROUP", GROUP))
            watched += [part["watched"]] if "watched" in part else []
        node.plan.append(f"unit\tchrony.service\tstart\trestart\t{','.join(watched)}")
        node.plan.append("unit\tstook-apply.service\tno-block\t-\t-")

    def first(self) -> None:
        """The first bundle is applied, once for all stories of a case, and life goes on."""
        key, here = repr(self.case), self.node.path
        if key not in self.firsts:
            self.meets()
            self.bundle(self.case["first"])
            run = self.node.apply()
            assert run.returncode == 0, run.stderr
            self.firsts[key] = Path(shutil.copytree(here, f"{here}-first", symlinks=True))
        else:
            shutil.rmtree(here)
            shutil.copytree(self.firsts[key], here, symlinks=True)
        self.write(self.case.get("since", {}))

    def apply(self, *parts: dict[str, Any]) -> str:
        """A next bundle is applied; what was said."""
        self.bundle(*parts)
        run = self.node.apply()
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def has_left(self) -> None:
        """All that the case names is gone, and a second run finds nothing to do."""
        case, node = self.case, self.node
        for path in case.get("absent", ()):
            assert not (node.root / path.lstrip("/")).exists(), path
        for path, text in case.get("present", {}).items():
            assert node.read(path) == text
        for path, texts in case.get("inside", {}).items():
            assert all(text in node.read(path) for text in texts), node.read(path)
        for name, word in case.get("accounts", {}).items():
            assert closed(node, name) == (word == "closed")
        run = node.apply()
        assert "nothing to do" in run.stdout, run.stdout

    def state(self) -> dict[str, object]:
        """The node without our own notes: its files, units, mounts and accounts."""
        notes, node = self.node.notes, self.node
        files = {
            path: (kind, content)
            for path, (kind, _, content) in node.tree().items()
            if not path.startswith((STATE, "run/stook"))
        }
        folders = {str(p.relative_to(node.root)) for p in node.root.rglob("*") if p.is_dir()}
        units = {
            str(p.relative_to(notes)) for n in ("enabled", "active") for p in (notes / n).iterdir()
        }
        accounts = {name: (notes / name).read_text() for name in ("passwd", "shadow")}
        return {
            "files": files,
            "folders": {f for f in folders if not f"{f}/".startswith((STATE, "run/stook"))},
            # what goes on after a failure is no part of it
            "units": units - {"active/stook-apply.service"},
            **accounts,
        }


def account(node: Node, name: str) -> None:
    with (node.notes / "passwd").open("a") as passwd, (node.notes / "shadow").open("a") as shadow:
        passwd.write(f"{name}:x:1001:1001::/home/{name}:/bin/bash\n")
        shadow.write(f"{name}:*:20000:0:99999:7:::\n")


def closed(node: Node, name: str) -> bool:
    """Whether an account is expired and has no shell."""
    rows = {f: (node.notes / f).read_text().splitlines() for f in ("passwd", "shadow")}
    (entry,) = (row.split(":") for row in rows["passwd"] if row.startswith(f"{name}:"))
    (secret,) = (row.split(":") for row in rows["shadow"] if row.startswith(f"{name}:"))
    assert ("nologin" in entry[6]) == (secret[7] == "1")
    return secret[7] == "1"


def having(key: str, wanted: bool = True) -> list[Path]:
    """The cases that have a key, or those that do not."""
    return [path for path in CASES if (key in from_yaml(path.read_text())) is wanted]


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Story:
    return Story(from_yaml(request.param.read_text()), Node(tmp_path))


def test_removed(story: Story) -> None:
    story.first()
    story.bundle()
    checked = story.node.apply("--check")
    before = story.state()
    said = story.apply()
    for words in story.case["says"]:
        assert words in said
        assert f"would {words}" in checked.stdout or words in checked.stdout
    for line in story.case.get("shows", ()):
        assert f"\n{line}" in checked.stdout
    for call in story.case.get("calls", ()):
        assert call in story.node.calls
    if "never" in story.case:
        assert story.case["never"] not in said + checked.stdout
    assert before != story.state()
    story.has_left()
    check = story.node.apply("--check")
    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize("story", having("edit"), ids=lambda path: path.stem, indirect=True)
def test_edited_first(story: Story) -> None:
    story.first()
    path, kept = story.case["edit"], story.case["kept"]
    edited = story.node.read(path) + "# by hand\n"
    story.node.write(path, edited)
    said = story.apply()
    assert f"somebody has edited it, and it is kept as {kept}" in said
    assert story.node.read(kept) == edited
    story.has_left()


# What a run is killed at: its first call of a command that begins so.
KILLS = (
    "systemctl is-enabled",
    "apt-get",
    "gpasswd",
    "systemctl stop",
    "chronyd",
    "systemctl daemon-reload",
    "usermod",
    "umount",
)


def kills(story: Story) -> tuple[str, ...]:
    """A third of them for each case, another one for each; all of them where there is time."""
    if "STOOK_TEST_EXAMPLES" in os.environ:
        return KILLS
    return KILLS[len(repr(story.case)) % 3 :: 3]


def test_killed(story: Story, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two bundles in turn, each run of them killed at another place, and then one of them whole."""
    story.first()
    more = {
        "files": {"/etc/chrony/conf.d/zz.conf": "fine\n"},
        "format": "chrony",
        "plan": ["package\tmore"],
    }
    for number, at in enumerate(kills(story)):
        story.bundle(story.case["renamed"] if number % 2 else more)
        assert story.node.apply(kill_at=at).returncode in (0, -9)
    story.apply(story.case["renamed"])
    story.has_left()
    whole = Story(story.case, Node(tmp_path_factory.mktemp("whole")))
    whole.first()
    whole.apply(story.case["renamed"])
    assert story.state() == whole.state()


# one with `record` is known by our own record alone, and a release before had none
@pytest.mark.parametrize(
    "story", having("record", False), ids=lambda path: path.stem, indirect=True
)
def test_of_a_release_that_kept_its_bundle_only(story: Story) -> None:
    story.first()
    state = story.node.root / STATE
    for name in ("applied.tsv", "everput"):
        (state / name).unlink()
    shutil.rmtree(state / "originals", ignore_errors=True)
    kept = state / "bundle/plan.tsv"
    lines = [
        f"{line}\timmutable" if line.startswith("mountpoint") else line
        for line in kept.read_text().splitlines()
        if not line.startswith("validator")
    ]
    kept.write_text("\n".join(lines) + "\n")
    resum(state / "bundle")
    story.apply()
    story.has_left()


def resum(bundle: Path) -> None:
    other = Node.__new__(Node)
    other.path = bundle.parent
    other.sums()


def test_renamed_after_a_run_that_failed(
    story: Story, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What fails half way leaves all as it was; A and then B ends as if there had only been B."""
    story.first()
    before = story.state()
    story.bundle(BROKEN)
    assert story.node.apply().returncode == 1
    assert story.state() == before
    story.apply(story.case["renamed"])
    story.has_left()
    fresh = Story(story.case, Node(tmp_path_factory.mktemp("fresh")))
    fresh.meets()
    fresh.write(story.case.get("since", {}))
    fresh.apply(story.case["renamed"])
    mine, other = story.state(), fresh.state()
    # packages stay, but not switched on
    for unit in story.case.get("node", {}).get("owners", ()):
        other["units"] -= {f"active/{unit}", f"enabled/{unit}"}  # type: ignore[operator]
    # accounts stay, closed, and their jobs are kept
    for name in story.case.get("accounts", ()):
        for state in (mine, other):
            for key in ("passwd", "shadow"):
                rows = str(state[key]).splitlines(keepends=True)
                state[key] = "".join(row for row in rows if not row.startswith(f"{name}:"))
    for path in story.case.get("absent", ()):
        other["files"].pop(path.lstrip("/"), None)  # type: ignore[attr-defined]
    mine["folders"] = other["folders"] if "since" in story.case else mine["folders"]
    assert mine == other
