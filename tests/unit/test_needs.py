"""A check that needs another one names it by its want-class, and one that is there."""

from __future__ import annotations

import re
from pathlib import Path

from generator import pipeline
from generator.claims import Unit
from generator.planning.expect import expectation, need
from generator.planning.plan import dangling
from verify.kinds import hostname, service

ROOT = Path(__file__).parents[2]


def test_a_need_has_the_id_of_the_expectation() -> None:
    made = expectation("n1", service.Want("a.service"), "a.service", ("nodes",), "base")
    assert made.id == need("n1", service.Want, "a.service") == Unit.need("n1", "a.service")


def test_a_need_that_names_nothing_is_an_error() -> None:
    wants = Unit.need("n1", "b.service")
    one = expectation("n1", hostname.Want("n1"), "n1", ("nodes",), "base", needs=(wants,))
    (found,) = dangling({"n1": [one]})
    assert found.rule == "B111" and found.severity == "error"
    assert found.message == "`n1/hostname/n1` needs `n1/service/b.service`, which is no check"


def test_every_need_of_the_reference_sites_names_a_check() -> None:
    for site in (ROOT / "bundles").glob("*/site.yaml"):
        plan = pipeline.run(site).plan
        assert plan and not list(dangling(plan.expectations))


def test_no_id_is_put_together_by_hand() -> None:
    kinds = "|".join(path.stem for path in (ROOT / "verify/kinds").glob("[a-z]*.py"))
    by_hand = re.compile(rf"\\}}/({kinds})/")
    for path in (ROOT / "generator").rglob("*.py"):
        assert not by_hand.search(path.read_text("utf-8")), path
