"""Pages as a reader of HTML has them, and what a browser makes of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tests.unit import browser
from tests.unit.browser import Page

VOID = {"meta"}


class Reader(HTMLParser):
    """Elements, each closed in order, and the text of each kind."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.setdefault(self.open[-1], []).append(data)


TOO_WIDE = """[...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth
  && e.clientWidth && getComputedStyle(e).display !== 'inline')
  .map(e => e.tagName + ' ' + e.className + ' ' + e.scrollWidth + '>' + e.clientWidth)"""
# WCAG 2.1, 1.4.3: of text against the nearest ground that is painted
FAINT = """(() => {
  const parts = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = c => parts(c).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if (parts(c).length < 4 || parts(c)[3] > 0) return c; } return 'rgb(255,255,255)'; };
  return [...document.querySelectorAll('body *')].filter(e => e.innerText).map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    return [e.tagName + ' ' + e.className, (a + 0.05) / (b + 0.05)]; })
    .filter(([, ratio]) => ratio < 4.5).map(String);
})()"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if browser.program() is None:
        assert os.geteuid(), "no Chromium here: make tools"
        pytest.skip("Chromium is not there; `make tools` installs it as root")
    with browser.page(tmp_path_factory.mktemp("browser")) as opened:
        yield opened
