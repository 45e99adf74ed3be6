"""Each reference site and golden case still comes to what was recorded of it."""

from __future__ import annotations

import json

import pytest

from tests.golden.normal_form import RECORDINGS, form, specs

SPECS = specs()


@pytest.mark.parametrize("name", SPECS)
def test_a_site_comes_to_what_was_recorded(name: str) -> None:
    recorded = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))
    found = form(SPECS[name])
    for title in recorded:
        was, now = recorded[title], found[title]
        names = sorted({*was, *now})
        changed = {n: (was.get(n), now.get(n)) for n in names if was.get(n) != now.get(n)}
        assert not changed, title


def test_a_recording_has_its_spec() -> None:
    assert {path.stem for path in RECORDINGS.glob("*.json")} == set(SPECS)
