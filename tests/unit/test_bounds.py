"""However large, and however wrong, a spec is: its findings are few, and so is what they take."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator import pipeline
from generator.commands import report
from generator.language import source
from generator.language.findings import ALIKE, NAMED, Finding, Rule, Severity, summed
from generator.language.spec import MANY
from generator.language.tree import Source
from generator.planning import nodes
from tests.reading import from_yaml

BASE = (Path(__file__).parents[1] / "rules/base.yaml").read_text(encoding="utf-8")
NODES = '"n[1:6]": {address: "10.77.0.[11:16]"}'
RULE = Rule("X1", "a thing", "It is one.", "mend it")


def run(folder: Path, text: str) -> tuple[Finding, ...]:
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    return pipeline.run(folder).findings


@pytest.mark.parametrize("count", [200, 2_000])
def test_unknown_keys_are_few_findings_however_many_they_are(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    close = difflib.get_close_matches

    def counted(word: str, *rest: Any) -> list[str]:
        asked.append(word)
        return close(word, *rest)

    monkeypatch.setattr(difflib, "get_close_matches", counted)
    found = run(tmp_path, BASE + "".join(f"zz{number}: 1\n" for number in range(count)))
    assert {one.rule for one in found} == {"S101"}
    assert len(found) == ALIKE + 1 and len(asked) == ALIKE
    *alone, rest = found
    assert all(one.count == 1 for one in alone) and rest.count == count - ALIKE
    more = rest.count - NAMED
    assert rest.message.endswith(f"`zz12` is not a key here; and {more:,} more like this")
    assert report.count(found) == f"{count} errors"


def test_a_range_that_does_not_fit_is_one_finding_and_no_other(tmp_path: Path) -> None:
    wrong = '"n[1:1000]": {address: "10.77.0.[11:13]"}'
    (one,) = run(tmp_path, BASE.replace(NODES, wrong))
    assert (one.rule, one.path) == ("N102", ("nodes", "n[1:1000]", "address"))
    assert "3 values for 1,000 nodes" in one.message


def test_what_is_wrong_with_each_node_of_a_range_is_one_finding(tmp_path: Path) -> None:
    twice = f'{NODES}\n  "m[1:6]": {{address: "10.77.0.[11:16]"}}'
    (one,) = run(tmp_path, BASE.replace(NODES, twice))
    assert (one.rule, one.count) == ("N105", 6)
    assert one.path == ("nodes", "m[1:6]", "address")
    assert one.message.startswith("`10.77.0.11` is the address of `n1` and of `m1`; `10.77.0.12`")
    assert one.message.endswith("; and 3 more like this")


@pytest.mark.parametrize("name", ["N[1:6]", "n[6:1]", "n[1-6]"])
def test_selectors_say_nothing_of_nodes_that_got_no_name(name: str, tmp_path: Path) -> None:
    found = run(tmp_path, BASE.replace('"n[1:6]": {address', f'"{name}": {{address'))
    assert {one.rule for one in found} <= {"N101", "N102"} and len(found) == 1


def test_a_range_of_nobody_names_the_first_ones(tmp_path: Path) -> None:
    found = run(tmp_path, BASE.replace('b1: {nodes: "n[1:6]"', 'b1: {nodes: "n[1:600]"'))
    (one,) = (one for one in found if one.rule == "N106")
    assert one.message == "no node is called `n7`, `n8`, `n9`, and 591 more of it"


def test_more_nodes_than_a_spec_has_are_refused_before_any_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def expanded(text: str) -> tuple[str, ...]:
        made.append(text)
        return (text,)

    monkeypatch.setattr(nodes, "expand", expanded)
    for wrong in ('"n[1:100000]": {address: "10.77.0.[11:13]"}', '"n[1:2000]": {address: x}'):
        (one,) = run(tmp_path, BASE.replace(NODES, wrong))
        assert (one.rule, one.path, one.key) == ("Y103", ("nodes",), True)
    assert not made


def test_as_many_nodes_as_a_spec_may_have_are_taken(tmp_path: Path) -> None:
    count = source.MAX_NODES - 1  # and the one beside them
    few = f'"n[1:{count}]": {{address: "10.77.0.[11:13]"}}'
    assert {one.rule for one in run(tmp_path, BASE.replace(NODES, few))} == {"N102"}


@pytest.mark.parametrize("key", ["admins", "disks", "services", "volumes"])
def test_more_of_a_thing_than_any_site_has_is_refused_before_it_is_compared(
    key: str, tmp_path: Path
) -> None:
    data = from_yaml(BASE)
    home = data["gluster"] if key == "volumes" else data
    one = next(iter(home[key].values()))
    home[key] = {f"x{number}": json.loads(json.dumps(one)) for number in range(MANY + 1)}
    (refused,) = run(tmp_path, yaml.safe_dump(data))
    assert refused.message == f"`{key}` must have at most {MANY} items"


def test_a_spec_that_is_too_large_is_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it was parsed")

    path = tmp_path / "site.yaml"
    path.write_bytes(BASE.encode() + b"#" * source.MAX_BYTES)
    monkeypatch.setattr(source, "parse", refuse)
    (one,) = source.read(path).findings
    assert one.rule == "Y103" and "2 MiB" in one.message


def test_events_after_the_last_value_that_is_taken_are_not_read() -> None:
    events = 0

    class Counted(source._Builder):
        def _take(self, event: Any) -> None:
            nonlocal events
            events += 1
            super()._take(event)

    read = Source("x", "a: [" + "1," * 2 * source.MAX_VALUES + "]")
    Counted(read).run()
    assert [one.rule for one in read.findings] == ["Y103"]
    assert events <= source.MAX_VALUES + 4


FINDING = st.builds(
    Finding,
    rule=st.sampled_from(["A", "B"]),
    severity=st.just(Severity.ERROR),
    message=st.integers(0, 400).map("`n{}` is wrong".format),
    path=st.sampled_from([(), ("a",), ("b", 0)]) | st.tuples(st.integers(0, 99)),
    accepted=st.sampled_from(["", "", "looked at"]),
)


@given(st.lists(FINDING, max_size=300))
def test_no_finding_is_lost_and_few_are_left(given: list[Finding]) -> None:
    few = list(summed(given))
    assert sum(one.count for one in few) == len(set(given))
    assert {(one.rule, one.accepted) for one in few} == {(o.rule, o.accepted) for o in given}
    for rule in "AB":
        assert sum(one.rule == rule and not one.accepted for one in few) <= ALIKE + 1
    # a waiver still finds what it is for
    places = {(one.rule, one.path) for one in given if one.accepted}
    assert {(one.rule, one.path) for one in few if one.accepted} == places


def test_what_is_not_alike_stays_apart() -> None:
    given = [RULE.at(("a",), "`x` is missing"), RULE.at(("a",), "`x` is too long")]
    assert list(summed(given)) == given
