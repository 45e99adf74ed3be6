"""The plan as a page: what it says, that it needs nothing else, and what a browser makes of it."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from generator import pipeline
from generator.commands.cli import main
from generator.pipeline import Run
from generator.planning.component import Copies, Store
from generator.rendering.handbook import page, picture
from tests.unit.browser import Page
from tests.unit.paged import FAINT, TOO_WIDE, Reader, drawn
from verify.contract import Prediction

__all__ = ["drawn"]

HERE = Path(__file__).parent / "plan_page"
BUNDLES = Path(__file__).parents[2] / "bundles"
SITES = ("ha-wordpress", "ceph-starter", "ceph-three", "plain-trixie")
SPECS = {site: BUNDLES / site for site in SITES} | {
    path.stem: path for path in sorted(HERE.glob("*.yaml"))
}
FOREIGN = ("script", "link", "img", "iframe", "image", "use", "foreignObject", "object", "form")


@cache
def run(case: str) -> Run:
    return pipeline.run(SPECS[case])


def written(this: Run) -> str:
    assert this.plan and this.rendered
    return page.write(this.plan, this.rendered, this.findings)


@pytest.mark.parametrize("case", SPECS)
def test_golden(case: str, update: bool) -> None:
    text, path = written(run(case)), HERE / f"{case}.html"
    if update:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in HERE.glob("*.html")} == {*SPECS}


@pytest.mark.parametrize("case", SPECS)
def test_it_needs_nothing_else_and_its_headings_are_in_order(case: str) -> None:
    text = written(run(case))
    found = Reader(text)
    assert not {*found.tags} & {*FOREIGN}
    assert not [name for name, _ in found.attributes if name == "style" or name.startswith("on")]
    ids = [value for name, value in found.attributes if name == "id"]
    assert len({*ids}) == len(ids)
    assert {value for name, value in found.attributes if name == "href"} <= {f"#{i}" for i in ids}
    assert "url(" not in text and "@import" not in text
    levels = [int(tag[1]) for tag in found.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_it_is_the_same_in_every_process_and_on_every_day() -> None:
    command = [sys.executable, "-m", "generator", "plan", str(SPECS["ceph-three"])]
    for day in ("2026-01-01", "2027-01-01"):
        more = ["--format", "html", "--today", day]
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=True)
        assert done.stdout == written(run("ceph-three"))


def test_every_outage_copy_port_and_message_of_the_plan_is_in_it() -> None:
    for case in SITES:
        this = run(case)
        assert this.plan
        words = " ".join(" ".join(texts) for texts in Reader(written(this)).texts.values())
        for row in this.plan.predictions:
            assert row.why in words and row.subject in words
        for one in this.plan.copies:
            assert one.rule in words
            assert all(s.name in words and s.on in words and s.node in words for s in one.stores)
        for message in this.plan.status_messages:
            assert message.what in words


def test_every_node_store_and_mount_of_the_site_is_in_the_picture() -> None:
    for case in (*SITES, "one"):
        plan = run(case).plan
        assert plan
        for drawing in picture.pictures(plan):
            texts = " ".join(text.whole for text in drawing.texts)
            assert all(node in texts for node in plan.site.nodes)
            stores = {(store.node, store.name) for one in plan.copies for store in one.stores}
            assert sum("store" in dot.kind for dot in drawing.dots) == len(stores)
            assert all(name in texts for _, name in stores)
            right = max(dot.x for dot in drawing.dots) if stores else 0
            assert right + 4 <= drawing.width
            assert all(box.y + box.height <= drawing.height for box in drawing.boxes)


def test_nothing_of_the_picture_is_drawn_over_something_else() -> None:
    for case in (*SITES, "one"):
        plan = run(case).plan
        assert plan
        for drawing in picture.pictures(plan):
            nodes = [box for box in drawing.boxes if box.kind == "node"]
            for one, other in itertools.combinations(nodes, 2):
                apart = one.x + one.width <= other.x or other.x + other.width <= one.x
                assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y
            for text in drawing.texts:
                assert text.x + len(text.text) * picture.LETTER <= drawing.width + 1, text


def test_of_sixty_nodes_there_is_a_sentence_and_no_picture() -> None:
    text = written(run("sixty"))
    assert "<svg" not in text
    assert "60 nodes are too many for a picture that can be read" in text


def test_a_line_for_each_set_of_stores_and_none_for_more_than_can_be_followed() -> None:
    plan = run("one").plan
    assert plan

    def of(number: int) -> int:
        stores = (Store("n1", f"s{i}", "/glusterfs/bricks/b1", "copy") for i in range(number))
        some = tuple(Copies(f"v{s.name}", ("gluster",), "rule", (s,)) for s in stores)
        return len(picture.pictures(replace(plan, copies=some)))

    assert of(picture.MOST_LANES) == 2
    assert of(picture.MOST_LANES + 1) == 0


def test_compressed_sizes_are_not_in_it() -> None:
    this = run("ha-wordpress")
    assert this.rendered
    text = written(this)
    assert str(this.rendered.sizes["node-gfs1"].raw) in text
    assert str(this.rendered.sizes["node-gfs1"].gzip) not in text


def test_a_spec_with_errors_has_a_page_of_what_to_put_right(tmp_path: Path) -> None:
    text = (BUNDLES / "ha-wordpress/site.yaml").read_text()
    (tmp_path / "site.yaml").write_text(text.replace("replica: 3", "replica: 2"))
    done = CliRunner().invoke(main, ["plan", str(tmp_path), "--format", "html"])
    assert done.exit_code == 1
    found = Reader(done.output)
    assert "is no plan yet" in done.output and "2" in found.texts["mark"]


def test_a_page_is_of_one_site() -> None:
    several = [str(SPECS[site]) for site in SITES[:2]]
    done = CliRunner().invoke(main, ["plan", *several, "--format", "html"])
    assert done.exit_code == 2 and "give one spec" in done.output


def hostile(text: str) -> str:
    """A page in which everything that is not ours is this text."""
    this = run("one")
    assert this.plan and this.rendered
    row = Prediction("gluster", text, text, ("n1",), True, False, text, 7)
    copies = (Copies(text, (text,), text, (Store("n1", text, text, text),)),)
    plan = replace(this.plan, predictions=(row,), copies=copies)
    found = replace(run("ha-wordpress").findings[0], message=text, help=text, accepted=text)
    return page.write(plan, this.rendered, [found])


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("<>&\"'`=/!-{}%\n"), min_size=1))
def test_nothing_of_a_spec_becomes_markup(text: str) -> None:
    tags = [tag for tag in Reader(hostile(text)).tags if tag != "title"]
    assert tags == [tag for tag in Reader(hostile("x")).tags if tag != "title"]


# ----- in a browser -----

WIDE = "w" * 3000


@pytest.mark.parametrize("case", [*SPECS, "hostile"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "media"), [(360, "screen"), (1280, "screen"), (720, "print")])
def test_nothing_is_wider_than_the_page_or_faint(
    drawn: Page, tmp_path: Path, case: str, scheme: str, width: int, media: str
) -> None:
    path = tmp_path / "page.html"
    path.write_text(hostile(WIDE) if case == "hostile" else written(run(case)), encoding="utf-8")
    drawn.requests.clear()
    drawn.open(path)
    assert drawn.requests == [path.as_uri()]
    drawn.show(width, media, scheme)
    assert drawn.value("innerWidth") == width
    assert drawn.value(TOO_WIDE) == []
    assert drawn.value(FAINT) == []
    assert drawn.value(PICTURE) == ([] if case == "sixty" else [True])


# Of the two pictures one is there, in the page's own style, and its letters can be read.
PICTURE = """[...document.querySelectorAll('svg')].filter(e => e.getBoundingClientRect().width)
  .map(e => { const text = e.querySelector('text').getBoundingClientRect();
    return text.height >= 8 && getComputedStyle(e.querySelector('rect')).fill !== 'rgb(0, 0, 0)'; })
"""
