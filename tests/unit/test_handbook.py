"""The handbook beside the nodes: what is in it, where its links lead, what builds make of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from generator import pipeline
from generator.commands import built
from generator.pipeline import Run
from generator.rendering import bundle, compare
from generator.rendering.handbook import page, tables
from generator.rendering.handbook.book import FOLDER, SUMS
from tests.unit.browser import Page
from tests.unit.paged import FAINT, TOO_WIDE, Reader, drawn
from verify import bundles

__all__ = ["drawn"]

BUNDLES = Path(__file__).parents[2] / "bundles"
SITES = sorted(path.parent.name for path in BUNDLES.glob("*/site.yaml"))
SITE = BUNDLES / "plain-trixie/site.yaml"


@cache
def run(site: str) -> Run:
    return pipeline.run(BUNDLES / site)


@cache
def pages(site: str) -> dict[str, str]:
    """The pages of a handbook, by their paths in it."""
    rendered = run(site).rendered
    assert rendered
    files = [file for file in rendered.files[""] if file.path.startswith(f"{FOLDER}/")]
    names = {file.path.removeprefix(f"{FOLDER}/"): file.content.decode() for file in files}
    assert list(names)[-1] == "SHA256SUMS"
    return {name: text for name, text in names.items() if name.endswith(".html")}


def words(text: str) -> str:
    return " ".join(" ".join(texts) for texts in Reader(text).texts.values())


@pytest.mark.parametrize("site", SITES)
def test_there_is_a_page_for_each_node_and_every_link_leads_somewhere(site: str) -> None:
    its = pages(site)
    plan = run(site).plan
    assert plan
    nodes = {f"nodes/{node}.html" for node in plan.site.nodes}
    assert its.keys() == {"index.html", "run-books.html", *nodes}
    anchors = {
        name: {value for key, value in Reader(text).attributes if key == "id"}
        for name, text in its.items()
    }
    reached = set()
    for name, text in its.items():
        for key, value in Reader(text).attributes:
            if key == "href":
                path, _, anchor = value.partition("#")
                place = (Path("/") / name).parent / path if path else Path("/") / name
                target = str(Path(*place.parts[1:])).replace("nodes/../", "")
                assert target in its, value
                assert not anchor or anchor in anchors[target], value
                reached.add(target)
    assert reached >= {"index.html", "run-books.html", *nodes}


@pytest.mark.parametrize("site", SITES)
def test_every_file_port_account_and_unit_of_a_node_is_on_its_page_and_in_its_readme(
    site: str,
) -> None:
    this = run(site)
    assert this.plan and this.rendered
    for node, files in this.rendered.files.items():
        if node:
            readme = next(file for file in files if file.path == "README.md").content.decode()
            told = words(pages(site)[f"nodes/{node}.html"])
            facts = this.rendered.facts[node]()
            for path in (f.path for f in files if f.path.startswith(("rootfs/", "blocks/"))):
                assert path[path.index("/") :] in told
            for text in (readme, told):
                assert all(port in text and who in text for port, who, _ in facts["ports"])
                assert all(name in text and may in text for name, may in facts["people"])
                assert all(unit in text for unit in facts["units"])
                assert all(remark in text for remark in facts["remarks"])
                for said in ("cloud-init status --wait", "journalctl -u stook-apply", "/stamp"):
                    assert said in text
            assert all(path in readme for path in facts["replaced"])
            if facts["secrets"]:
                assert facts["bring"] in readme and "stook secrets . --export" in readme


@pytest.mark.parametrize("way", ["handbook/nodes", "node2/rootfs/etc"])
def test_nothing_is_written_or_removed_through_a_link(tmp_path: Path, way: str) -> None:
    """A site that somebody sent may have them, and lists of files of their choice."""
    folder, home = tmp_path / "site", tmp_path / "home"
    folder.mkdir()
    (folder / "site.yaml").write_bytes(SITE.read_bytes())
    this = pipeline.run(folder)
    assert this.rendered and not bundle.write(folder, this.rendered)
    (folder / way).rename(home)
    (home / "id_ed25519").write_text("mine")
    (folder / way).symlink_to(home)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    with (folder / SUMS).open("a") as sums:
        sums.write("0  nodes/id_ed25519\n0  nodes/\0\n")
    manifest = folder / "node2/manifest.json"
    data = json.loads(manifest.read_text())
    data["files"] |= {"rootfs/etc/id_ed25519": "0", "rootfs/etc/hosts\0": "0"}
    manifest.write_text(json.dumps(data))
    (finding,) = bundle.write(folder, this.rendered)
    assert finding.rule == "B103" and f"{folder / way}: a link stands" in finding.message
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("site", SITES)
def test_what_gives_something_up_comes_last_and_asks_before(site: str) -> None:
    """Whatever cases share a run-book: who only follows it has nothing purged that will be back."""
    this = run(site)
    assert this.plan
    for book in page.books(this.plan):
        lost = [task.lost for task in book.tasks]
        assert lost == sorted(lost)
        for task in book.tasks:
            assert task.lost or not re.search("purge|reset-brick|rm ", task.command)
            if "ceph osd purge" in task.command:
                assert task.command.startswith("ceph osd safe-to-destroy NUMBER\n")
        quorum_lost = any("make the quorum" in row.why and row.kind == "fail" for row in book.rows)
        asks_cluster = any(task.command.startswith("ceph status") for task in book.tasks)
        assert not (quorum_lost and asks_cluster), book.down


@pytest.mark.parametrize("site", SITES)
def test_each_outage_and_each_finding_has_a_run_book(site: str) -> None:
    this = run(site)
    assert this.plan
    text = words(pages(site)["run-books.html"])
    for (down, _, _, _, _, why), tasks in tables.outages(this.plan):
        if down != page.AS_IT_IS:
            assert down in text and why in text
            assert tasks and all(task.do in text for task in tasks)
    for finding in this.findings:
        assert finding.message in text and pipeline.rules()[finding.rule].why in text


def commands() -> Iterator[tuple[str, str]]:
    for site in SITES:
        plan = run(site).plan
        assert plan
        for tasks in plan.tasks:
            yield from ((site, line) for task in tasks for line in task.command.splitlines())


def test_checks_that_run_books_ask_for_are_there() -> None:
    asked = {(site, line) for site, line in commands() if "--only" in line}
    assert asked
    for site, line in asked:
        plan = run(site).plan
        assert plan
        (glob,) = re.findall(r"--only '(\S+)'", line)
        ids = [one.id for ones in plan.expectations.values() for one in ones]
        assert any(fnmatchcase(one, glob) for one in ids), (site, line)


def test_units_that_run_books_start_are_on_a_node() -> None:
    started = {(s, line.split()[-1]) for s, line in commands() if line.startswith("systemctl")}
    assert started
    for site, unit in started:
        rendered = run(site).rendered
        assert rendered
        form = re.sub("NUMBER|NODE", "*", unit)
        units = [unit for facts in rendered.facts.values() for unit in facts()["units"]]
        assert any(fnmatchcase(name, f"{form}.service") for name in units), (site, unit)


def test_it_is_the_same_however_the_spec_is_laid_out(tmp_path: Path) -> None:
    text = (BUNDLES / "ha-wordpress/site.yaml").read_text()
    (tmp_path / "site.yaml").write_text(
        "# a line more\n\n" + text.replace("replica: 3", "replica:  3")
    )
    other = pipeline.run(tmp_path)
    assert other.rendered and other.plan and other.plan.site.digest
    same = {file.path: file.content.decode() for file in other.rendered.files[""]}
    assert all(same[f"{FOLDER}/{name}"] == text for name, text in pages("ha-wordpress").items())


def test_secrets_that_a_node_asks_for_are_brought_by_nobody(tmp_path: Path) -> None:
    text = (BUNDLES / "ha-wordpress/site.yaml").read_text()
    command = "secrets: {delivery: command, command: [/usr/bin/vault, 'read me']}\n"
    (tmp_path / "site.yaml").write_text(text + command)
    rendered = pipeline.run(tmp_path).rendered
    assert rendered
    (readme,) = (file for file in rendered.files["node-gfs1"] if file.path == "README.md")
    (own,) = (file for file in rendered.files[""] if file.path.endswith("/node-gfs1.html"))
    assert "`/usr/bin/vault 'read me' NAME`" in readme.content.decode()
    assert "/usr/bin/vault 'read me' NAME" in words(own.content.decode())
    for told in (readme.content, own.content):
        assert b"stook secrets" not in told and b"handed-out" not in told


def test_no_user_data_has_anything_of_it() -> None:
    rendered = run("ha-wordpress").rendered
    assert rendered
    for node, files in rendered.files.items():
        if node:
            data = next(file for file in files if file.path == "user-data").content
            assert b"handbook" not in data and b"README" not in data


# ----- in a folder -----


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(SITE.read_text())
    pipeline.build(pipeline.run(tmp_path), tmp_path)
    return tmp_path


def listed(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder)) for path in (folder / FOLDER).rglob("*") if path.is_file()
    }


def differences(folder: Path) -> list[tuple[str, str]]:
    rendered = pipeline.run(folder).rendered
    assert rendered
    return [(one.path, one.what) for one in bundle.differences(folder, rendered)]


def test_a_build_writes_it_and_verification_reads_the_folder_as_before(site: Path) -> None:
    assert listed(site) == {f"{FOLDER}/{name}" for name in pages("plain-trixie")} | {SUMS}
    assert [*bundles.load(site).manifests] == ["node1", "node2"]
    assert not differences(site)


def test_a_changed_page_and_a_missing_one_are_named_and_put_right(site: Path) -> None:
    (site / FOLDER / "index.html").write_text("edited")
    (site / FOLDER / "nodes/node1.html").unlink()
    assert differences(site) == [
        (f"{FOLDER}/index.html", "has other contents"),
        (f"{FOLDER}/nodes/node1.html", "is missing"),
    ]
    pipeline.build(pipeline.run(site), site)
    assert not differences(site)


def test_the_page_of_a_node_that_is_gone_goes_and_what_is_not_ours_stays(site: Path) -> None:
    (site / FOLDER / "notes.txt").write_text("mine")
    text = (site / "site.yaml").read_text()
    assert "\n  node2:" in text
    (site / "site.yaml").write_text(re.sub(r"\n  node2:.*", "", text))
    left = [path for path, what in differences(site) if what == "is left over"]
    assert left == [f"{FOLDER}/nodes/node2.html"]
    pipeline.build(pipeline.run(site), site)
    assert f"{FOLDER}/nodes/node2.html" not in listed(site)
    assert (site / FOLDER / "notes.txt").read_text() == "mine"


def test_sums_that_name_a_place_outside_remove_nothing_there(site: Path) -> None:
    mine = site / "mine.txt"
    mine.write_text("mine")
    with (site / SUMS).open("a") as sums:
        sums.write(f"{'0' * 64}  ../mine.txt\n{'0' * 64}  {mine}\n")
    pipeline.build(pipeline.run(site), site)
    assert mine.read_text() == "mine"


def test_a_folder_of_before_the_handbook_is_one_without(site: Path) -> None:
    for path in sorted(listed(site), reverse=True):
        (site / path).unlink()
    assert {what for _, what in differences(site)} == {"is missing"}
    assert not [path for path in built.stored(site) if path.startswith(FOLDER)]


def test_a_diff_shows_what_changed_and_not_once_more_what_the_handbook_says(site: Path) -> None:
    before = built.stored(site)
    (site / "site.yaml").write_text(SITE.read_text().replace("198.51.100.0/24", "198.51.100.0/25"))
    after = built.files(site)
    lines = list(compare.diff(before, after))
    assert any(line.startswith("+++ new/node1/rootfs") for line in lines)
    assert not any(FOLDER in line for line in lines)
    other = {path: b"" if path.startswith(FOLDER) else text for path, text in before.items()}
    assert any(FOLDER in line for line in compare.diff(other, before))


def test_no_node_is_called_as_its_folder(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE.read_text().replace("node2", FOLDER))
    assert {one.rule for one in pipeline.run(tmp_path).findings if one.severity == "error"} == {
        "N101"
    }


# ----- in a browser -----


@pytest.mark.parametrize("name", ["index.html", "run-books.html", "nodes/node-gfs1.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "media"), [(360, "screen"), (1280, "screen"), (720, "print")])
def test_nothing_is_wider_than_the_page_or_faint(
    drawn: Page, name: str, scheme: str, width: int, media: str
) -> None:
    path = BUNDLES / "ha-wordpress" / FOLDER / name
    drawn.requests.clear()
    drawn.open(path)
    assert drawn.requests == [path.as_uri()]
    drawn.show(width, media, scheme)
    assert drawn.value("innerWidth") == width
    assert drawn.value(TOO_WIDE) == []
    assert drawn.value(FAINT) == []
