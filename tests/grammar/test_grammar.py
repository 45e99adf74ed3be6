"""No value of a spec ends in a traceback: it is a finding with a place, or files that read back.

Every field of every part is drawn from, its whole grammar and what is just outside of it.
"""

from __future__ import annotations

import datetime
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.components import TABLE
from generator.language import decode
from generator.language.findings import errors
from generator.pipeline import Run, run
from tests.examples import examples
from tests.grammar import fields
from tests.grammar.fields import Place
from tests.reading import from_yaml

TODAY = datetime.date(2026, 7, 1)
WHOLE: dict[str, Any] = from_yaml((Path(__file__).parent / "whole.yaml").read_text("utf-8"))
WHOLE["accept"][0]["until"] = str(WHOLE["accept"][0]["until"])
MODEL = decode.model(TABLE)
PLACES = [place for place, _ in fields.places(MODEL, WHOLE)]
# Rules for what is a bug of ours.
OURS = {"B110", "B111"}


def at(place: Place) -> Any:
    value: Any = WHOLE
    for step in place.path:
        value = value[step]
    return place.path[-1] if place.key else value


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[Place, Any]]:
    """One or two places of the spec, and what is to stand there."""
    chosen = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=2))
    return [(place, draw(fields.values(place, at(place)))) for place in chosen]


# The same site with its other packet filter, its other edge, and what the package brings.
OTHERWISE = {
    ("firewall", "backend"): "nftables",
    ("web", "edge"): {"mode": "direct"},
    ("web", "wordpress", "url"): "http://www.example.com",
    ("web", "wordpress", "source"): "package",
    ("web", "php", "listen"): 9000,
    ("ceph", "failure_domain"): "osd",
    ("secrets",): {"delivery": "copy"},
    ("fail2ban", "jails", "guard", "increment"): False,
}


def written(drawn: list[tuple[Place, Any]], *, otherwise: bool) -> str:
    """The text of the whole spec with some changes."""
    spec = WHOLE
    for path, value in OTHERWISE.items() if otherwise else ():
        spec = fields.changed(spec, Place(path, (), ()), value)
    for place, value in drawn:
        # the one may be inside of what the other took away
        with suppress(KeyError, IndexError, TypeError):
            spec = fields.changed(spec, place, value)
    return yaml.safe_dump(spec, allow_unicode=True, sort_keys=False)


def judged(text: str, folder: Path) -> Run:
    path = folder / "site.yaml"
    path.write_text(text, "utf-8", newline="")
    return run(path, TODAY)


def test_every_field_there_is_stands_in_the_whole_spec(tmp_path: Path) -> None:
    met = {of for _, of in fields.places(MODEL, WHOLE) if of}
    missing = {f"{model.__name__}.{name}" for model, name in {*fields.fields(MODEL)} - met}
    assert not missing
    for otherwise in (False, True):
        this = judged(written([], otherwise=otherwise), tmp_path)
        assert not errors(this.findings), this.findings
        assert this.rendered


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("grammar")


@settings(max_examples=examples(150))
@given(drawn=changes(), otherwise=st.booleans())
def test_a_value_is_a_finding_or_files(
    folder: Path, drawn: list[tuple[Place, Any]], otherwise: bool
) -> None:
    this = judged(written(drawn, otherwise=otherwise), folder)
    assert not [one for one in this.findings if one.rule in OURS]
    assert all(one.span and one.message for one in this.findings)
    assert errors(this.findings) or this.rendered
