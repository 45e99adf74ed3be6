"""The page of a run: what it says, that it needs nothing else, and what a browser makes of it."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.browser import Page
from tests.unit.paged import FAINT, TOO_WIDE, VOID, Reader, drawn
from tests.unit.reported import (
    CASES,
    CHANGED,
    CONTROLLED,
    EVIL,
    NIGHT,
    QUIET,
    WAIVED,
    report,
    verdict,
)
from verify.contract import (
    Acceptance,
    Change,
    Control,
    Difference,
    Phase,
    Report,
    Run,
    Since,
    Status,
    Turn,
)
from verify.reports import load_format

__all__ = ["drawn"]

TAGS = VOID | {
    *("html", "head", "title", "style", "body", "main", "header", "section"),
    *("h1", "h2", "h3", "h4", "p", "span", "a", "code", "pre", "ul", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "scope"),
    "data-label",
}


def page(*reports: Report) -> str:
    return load_format("html").write(reports)


def many(number: int, *differences: Difference) -> Report:
    """A site of so many checks, with commands and answers of the usual length."""
    observed = {f"key {i}": f"value <{i}> & more" for i in range(40)}
    commands = ("# ceph -f json osd dump\n" + "import rados; print('<&>')\n" * 60,)
    status = Status.FAIL if differences else Status.PASS
    one = replace(verdict("n1/a/b", status, "", *differences), observed=observed, commands=commands)
    return report(*(replace(one, id=f"n{1 + i % 2}/file/etc/{i}.conf") for i in range(number)))


@pytest.mark.parametrize("case", CASES)
def test_it_needs_nothing_else_and_runs_nothing(case: str) -> None:
    text = page(*CASES[case])
    found = Reader(text)
    assert set(found.tags) <= TAGS
    assert {name for name, _ in found.attributes} <= ATTRIBUTES
    links = {value for name, value in found.attributes if name == "href"}
    ids = [value for name, value in found.attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    assert links <= {f"#{one}" for one in ids}
    assert "url(" not in text and "@import" not in text


@pytest.mark.parametrize("case", CASES)
def test_no_level_of_headings_is_left_out(case: str) -> None:
    levels = [int(tag[1]) for tag in Reader(page(*CASES[case])).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_its_policy_is_strict_and_allows_its_own_style() -> None:
    text = page(NIGHT)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in text
    assert text.index("Content-Security-Policy") < text.index("<style>")
    assert "&gt;" not in style


def hostile(text: str) -> Report:
    """A report in which everything that is not ours is this text."""
    one = verdict(f"n1/file/{text}", Status.FAIL, text, Difference(text, text, text))
    evil = replace(one, spec=text, component=text, commands=(text,), observed={text: text})
    evil = replace(evil, controls=(text,))
    waiver = Acceptance(text, text, text, text, text, text)
    run = Run(text, text, Phase.STEADY, text, {"pass": 1, text: 1})
    change = Change(text, Turn.FAILS, Status.PASS, Status.FAIL)
    beside = {"target": text, "runner": text, "spec_digest": text, "tool": text}
    return report(
        evil,
        stamps={"n1": {"bundle": f"c{text}"}},
        not_checked=(text,),
        accepted=(waiver,),
        controls=(Control(text, text, text, 2),),
        since=Since((run, run), (change,), {text: (f"a{text}", f"b{text}")}),
        **beside,
    )


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("<>&\"'`=/!-{}%\n"), min_size=1))
def test_nothing_of_a_node_becomes_markup(text: str) -> None:
    found, plain = Reader(page(hostile(text))), Reader(page(hostile("x")))
    assert found.tags == plain.tags
    assert [n for n, _ in found.attributes] == [n for n, _ in plain.attributes]


def test_the_verdict_is_first_and_what_is_wrong_next() -> None:
    text = page(CHANGED)
    first = ("<h1 ", "2 fail, 5 unknown", "other bundle", "What has changed since", "n1/zone/world")
    then = ("What is wrong", "n1/zone/world", "The run", "ops@desk", "The last runs")
    last = ("not checked</h2>", "4 checks that act", ">n1</h2>", ">n2</h2>")
    order = (*first, *then, *last)
    for word in order:
        assert word in text, word
        text = text.partition(word)[2]
    text = page(CHANGED)
    assert "<title>fail: shop</title>" in text


def test_a_check_has_its_spec_key_command_and_observed_value() -> None:
    text = page(QUIET)
    assert "spec <code>networks</code>, state" in text
    (evidence,) = re.findall(r"<details>.*?</details>", text, re.S)[:1]
    assert "$ firewall-cmd --list-all\n" in evidence
    assert "{&#34;state&#34;: &#34;installed&#34;" in evidence


def test_what_is_accepted_has_reason_end_and_person() -> None:
    found = Reader(page(WAIVED)).texts
    cells = "|".join(found["td"])
    assert (
        "2027-12-31|one zone is all we have|ops|2027-03-31|third OSD is ordered|ops, OPS-12"
        in cells
    )


def test_several_sites_are_one_page_with_one_verdict() -> None:
    text = page(QUIET, NIGHT)
    assert '<h1 class="title"><span class="word">fail</span> 2 sites</h1>' in text
    assert '<a href="#s1">blog</a>' in text and '<a href="#s2">shop</a>' in text


LONG = Difference("<what>" * 200, "&" * 9999, '"' * 9999)


NAMES = tuple(f"AC-{number}({number})" for number in range(300))
CONTROLS = replace(
    many(1000, *[LONG] * 30),
    verdicts=tuple(replace(one, controls=NAMES) for one in many(1000, LONG).verdicts),
    controls=tuple(Control(name, "a catalogue", "what it is about" * 9, 1000) for name in NAMES),
)


@pytest.mark.parametrize("site", [many(1000), many(1000, *[LONG] * 30), CONTROLS])
def test_a_thousand_checks_have_two_megabytes(site: Report) -> None:
    assert len(page(site).encode()) <= 2_000_000


def test_few_checks_have_all_their_evidence() -> None:
    assert "characters)" not in page(many(20))


# ----- in a browser -----


def opened(drawn: Page, folder: Path, reports: Sequence[Report]) -> None:
    path = folder / "page.html"
    path.write_text(page(*reports), encoding="utf-8")
    drawn.requests.clear()
    drawn.open(path)
    assert drawn.requests == [path.as_uri()]
    # folded evidence has to fit as well
    drawn.value("document.querySelectorAll('details').forEach(e => e.open = true)")


WORD = "w" * 3000
WIDE = replace(hostile(WORD), site="shop", bundles={"n1": "a" * 64})


@pytest.mark.parametrize("reports", [(CHANGED, CONTROLLED), CASES["hostile"], (WAIVED,), (WIDE,)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "media"), [(360, "screen"), (1280, "screen"), (720, "print")])
def test_nothing_is_wider_than_the_page_or_faint(
    drawn: Page, tmp_path: Path, reports: Sequence[Report], scheme: str, width: int, media: str
) -> None:
    opened(drawn, tmp_path, reports)
    drawn.show(width, media, scheme)
    assert drawn.value("innerWidth") == width
    assert drawn.value(TOO_WIDE) == []
    assert drawn.value(FAINT) == []


# what some people cannot use: https://github.com/dequelabs/axe-core, of the WCAG and besides
RULES = """axe.run(document, {resultTypes: ['violations']}).then(r => [r.passes.length,
  ...r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html))])"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The program that looks for what some people cannot use."""
    home = importlib.util.find_spec("axe_core_python")
    assert home and home.origin, "no axe-core here: make venv"
    return (Path(home.origin).parent / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("case", ["changed", "controlled", "waived", "fleet", "nothing"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_has_nothing_to_say(
    drawn: Page, tmp_path: Path, axe: str, case: str, width: int, scheme: str
) -> None:
    opened(drawn, tmp_path, CASES[case])
    drawn.show(width, scheme=scheme)
    drawn.value(f"{axe}; 0")
    passed, *said = drawn.value(RULES)
    assert said == [] and passed > 10


def test_axe_is_not_deaf(drawn: Page, tmp_path: Path, axe: str) -> None:
    opened(drawn, tmp_path, CASES["waived"])
    drawn.show(1280)
    drawn.value("document.documentElement.removeAttribute('lang')")
    drawn.value("(main => main.replaceWith(...main.childNodes))(document.querySelector('main'))")
    drawn.value("document.querySelector('.dim').style.color = '#ccc'")
    drawn.value(f"{axe}; 0")
    _, *said = drawn.value(RULES)
    rules = {one.partition(":")[0] for one in said}
    assert {"html-has-lang", "color-contrast", "landmark-one-main"} <= rules


def test_the_style_is_applied_and_no_script_of_a_node_runs(drawn: Page, tmp_path: Path) -> None:
    evil = "<script>document.title = 'evil'</script><img src=x onerror=\"document.title='evil'\">"
    opened(drawn, tmp_path, [hostile(evil), hostile(EVIL)])
    assert drawn.value("document.title") == "fail: 2 sites"
    assert drawn.value("document.querySelectorAll('script, img').length") == 0
    drawn.show(1280, scheme="light")
    assert drawn.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    drawn.show(1280, scheme="dark")
    assert drawn.value("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
