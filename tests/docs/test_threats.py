"""Every line of threats.md names what holds it, and that is there."""

from __future__ import annotations

import re
from pathlib import Path

from generator.pipeline import rules
from verify.kinds import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/threats.md").read_text("utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| **")]


def test_each_row_says_what_holds_it() -> None:
    assert len(ROWS) >= 9
    for who, _, _, held in ROWS:
        names = re.findall(r"`([^`]+)`", held)
        known = [name for name in names if name in KINDS or (ROOT / name).exists()]
        other = [name for name in names if name not in known and "/" not in name]
        assert known or re.search(r"\b[A-Z]\d{2,3}\b", held), f"{who}: {held}"
        assert all("." in name or " " in name for name in other), f"{who}: {other}"


def test_paths_and_rules_are_there() -> None:
    for name in re.findall(r"`(tests/[^`]+)`", PAGE):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"\b[A-Z]\d{2,3}\b", PAGE):
        assert name in rules(), name
