"""Markdown that says what it should, and in which nothing of a node becomes markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.unit.reported import CASES, GREEN, NIGHT, QUIET, report, verdict
from verify.contract import Acceptance, Difference, Report, Status
from verify.report import printable
from verify.reports import load_format
from verify.reports.markdown import LONGEST, code

# with all that a page of a pull request knows besides
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = {"heading", "paragraph", "bullet_list", "list_item", "text", "code_inline", "softbreak"}
CHARACTERS = st.text(st.characters(codec="utf-8") | st.sampled_from("`|\\<>&*_[]()!#@~$\n\r\t "))


def document(reports: Sequence[Report]) -> str:
    return load_format("markdown").write(reports)


def tokens(text: str) -> Iterator[Token]:
    for block in READER.parse(text):
        yield from block.children or (block,)


def spans(text: str) -> list[str]:
    return [token.content for token in tokens(text) if token.type == "code_inline"]


def kinds(text: str) -> set[str]:
    return {token.type.removesuffix("_open").removesuffix("_close") for token in tokens(text)}


@pytest.mark.parametrize("case", CASES)
def test_there_is_no_markup_but_ours(case: str) -> None:
    assert kinds(document(CASES[case])) <= OURS


def hostile(text: str) -> Report:
    """A report in which everything that is not ours is this text."""
    differing = Difference(text, text, text)
    failing = replace(verdict(f"n1/file/{text}", Status.FAIL, "", differing), spec=text)
    unknown = replace(verdict(f"n1/zone/{text}", Status.UNKNOWN, text), commands=(text,))
    return report(
        replace(failing, commands=(text,)),
        unknown,
        stamps={"n1": {"bundle": f"c{text}"}},
        runner=text,
        target=text,
        not_checked=(text,),
        accepted=(Acceptance(text, text, "2027-12-31", text, text),),
    )


def test_several_sites_have_one_verdict_on_top() -> None:
    assert document([QUIET, NIGHT]).startswith("# FAIL: 2 sites, 2 pass, 2 fail, 5 unknown")
    assert document([QUIET]).startswith("## PASS: `blog`, 1 pass, 1 pending\n")


@given(CHARACTERS)
def test_nothing_of_a_node_becomes_markup(text: str) -> None:
    written = document([hostile(text)])
    assert kinds(written) <= OURS
    words = "".join(token.content for token in tokens(written) if token.type == "text")
    ours = "".join(t.content for t in tokens(document([hostile("x")])) if t.type == "text")
    assert words == ours, "text that is no code is the same whatever a node says"


@given(CHARACTERS)
def test_a_code_span_has_the_text_as_it_is(text: str) -> None:
    (content,) = spans(f"- {code(text, len(text) * 8)}, more")
    assert content.strip(" ") == printable(text).strip(" ")


def test_what_is_wrong_is_said_with_both_values() -> None:
    written = document([NIGHT])
    assert written.startswith("## FAIL: `shop`, 1 pass, 2 fail, 5 unknown, 1 blocked")
    assert "- `n1` runs `cccccccccccc`, verified is `aaaaaaaaaaaa`\n" in written
    assert "- `n1/zone/world`, spec `networks`\n" in written
    assert "  - `runtime port`: wanted `nothing else`, found `9999/tcp`\n" in written
    assert written.count("n2 cannot be asked: timed out") == 1


def test_a_pull_request_takes_it() -> None:
    many = (
        verdict(f"n1/file/{i}", Status.FAIL, "", Difference("x", "y" * 999, "z"))
        for i in range(999)
    )
    written = document([report(GREEN, *many)])
    assert len(written) < LONGEST + 200
    assert "more: `--format html` and `json` have them all" in written.splitlines()[-1]
