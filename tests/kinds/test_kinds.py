"""Every kind against recorded and made-up outputs: one file per case, no code.

A case has `want` and `outputs` (by the kind's own keys: `code`, and `out` or `sample`, a file of
tests/samples) and what must come of it: `differences`, or `unreadable`, a part of the reason.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings, strategies

from tests.reading import from_yaml
from verify import bundles
from verify.contract import Output, Unreadable
from verify.kinds import KINDS, Kind, load, read_want
from verify.serialization import resolve

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples"
CASES = sorted(HERE.glob("*/*.yaml"))


def read(path: Path) -> dict[str, Any]:
    """A case as plain data."""
    case = from_yaml(path.read_text(encoding="utf-8"))
    assert isinstance(case, dict)
    return case


def output(data: dict[str, Any]) -> Output:
    """An output as the case has it; a sample is what a real daemon printed."""
    out = (SAMPLES / data["sample"]).read_text() if "sample" in data else data.get("out", "")
    return Output(data.get("code", 0), out, data.get("err", ""))


def outputs_of(case: dict[str, Any]) -> dict[str, Output]:
    """All outputs of a case."""
    return {key: output(data) for key, data in case["outputs"].items()}


def judged(kind: Kind, want: Any, outputs: Mapping[str, Output]) -> None:
    """What the engine does with answers that can be read."""
    with contextlib.suppress(Unreadable):
        seen = kind.parse(want, outputs)
        asdict(seen)
        kind.judge(want, seen)


def result(path: Path) -> dict[str, Any]:
    """What the kind makes of a case, in the case's own words."""
    case = read(path)
    kind = load(path.parent.name)
    want = read_want(kind, case["want"])
    outputs = outputs_of(case)
    assert set(outputs) == set(kind.commands(want)), "a case answers every command"
    try:
        seen = kind.parse(want, outputs)
    except Unreadable as reason:
        return {"unreadable": str(reason)}
    return {"differences": [list(asdict(d).values()) for d in kind.judge(want, seen)]}


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_case(path: Path, update: bool) -> None:
    case, found = read(path), result(path)
    if update:
        kept = {key: case[key] for key in ("want", "outputs")}
        text = yaml.safe_dump(kept | found, sort_keys=False, allow_unicode=True, width=100)
        path.write_text(text, encoding="utf-8")
        return
    assert found == {key: case[key] for key in ("differences", "unreadable") if key in case}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_passes_fails_and_is_unknown(name: str) -> None:
    cases = [read(path) for path in CASES if path.parent.name == name]
    assert any(case.get("differences") == [] for case in cases), "no case that passes"
    assert any(case.get("differences") for case in cases), "no case that fails"
    assert any("unreadable" in case for case in cases), "no case that is unknown"


def test_every_module_is_a_kind_and_every_kind_a_module() -> None:
    package = HERE.parents[1] / "verify" / "kinds"
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert modules == set(KINDS)
    assert {path.parent.name for path in CASES} == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_documented(name: str) -> None:
    kind = load(name)
    for thing in (kind, kind.Want, kind.commands, kind.parse, kind.judge):
        words = (thing.__doc__ or "").strip().splitlines()
        assert words and words[0].endswith("."), f"{thing} has no full sentence"
    assert fields(kind.Want)


@pytest.mark.parametrize("name", KINDS)
def test_a_missing_command_is_never_a_pass(name: str) -> None:
    path = next(p for p in CASES if p.parent.name == name)
    kind = load(name)
    want = read_want(kind, read(path)["want"])
    for code in (127, None):
        outputs = dict.fromkeys(kind.commands(want), Output(code, "", "sh: 1: it: not found"))
        with pytest.raises(Unreadable):
            kind.parse(want, outputs)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@given(data=strategies.data())
@settings(max_examples=60 if "STOOK_TEST_EXAMPLES" in os.environ else 6)
def test_a_damaged_answer_is_read_or_unreadable(path: Path, data: strategies.DataObject) -> None:
    """Whatever a broken tool prints, a parser ends in a value or in `Unreadable`."""
    case, kind = read(path), load(path.parent.name)
    want, outputs = read_want(kind, case["want"]), outputs_of(case)
    for key, good in outputs.items():
        start = data.draw(strategies.integers(0, len(good.out)))
        end = data.draw(strategies.integers(start, len(good.out)))
        noise = data.draw(strategies.sampled_from(["", " ", "\n", "-", ":", "=x", "\x00", "<a>"]))
        outputs[key] = Output(good.code, good.out[:start] + noise + good.out[end:], good.err)
    judged(kind, want, outputs)


DEEP = json.loads("[" * 400 + "]" * 400)
OTHER: tuple[Any, ...] = (
    *(None, True, -1, 1.5, 10**30, "", "x"),
    *([], {}, [None], [{}], {"": None}, [[]], DEEP),
)
"""What stands where something else is due."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a tree of JSON."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


def put(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """The same tree with another value at a path."""
    if not path:
        return other
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = put(value[path[0]], path[1:], other)
    return changed


def trees(outputs: Mapping[str, Output]) -> dict[str, Any]:
    """The answers that are JSON."""
    read: dict[str, Any] = {}
    for key, output in outputs.items():
        with contextlib.suppress(ValueError):
            read[key] = json.loads(output.out)
    return {key: tree for key, tree in read.items() if isinstance(tree, dict | list)}


def of_json() -> list[Path]:
    """The cases that have such an answer."""
    return [path for path in CASES if trees(outputs_of(read(path)))]


@pytest.mark.parametrize("path", of_json(), ids=lambda path: f"{path.parent.name}-{path.stem}")
@given(data=strategies.data())
@settings(max_examples=60 if "STOOK_TEST_EXAMPLES" in os.environ else 3)
def test_json_of_another_shape_is_read_or_unreadable(
    path: Path, data: strategies.DataObject
) -> None:
    """A node may answer any JSON: what a kind makes of it is a value or `Unreadable`."""
    case, kind = read(path), load(path.parent.name)
    want, outputs = read_want(kind, case["want"]), outputs_of(case)
    for key, tree in trees(outputs).items():
        where = list(places(tree))
        place = where[data.draw(strategies.integers(0, len(where) - 1))]
        other = OTHER[data.draw(strategies.integers(0, len(OTHER) - 1))]
        outputs[key] = Output(outputs[key].code, json.dumps(put(tree, place, other)))
    judged(kind, want, outputs)


@pytest.mark.parametrize("path", of_json(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_json_too_deep_is_no_answer(path: Path) -> None:
    """Either of them is unknown to the engine."""
    case, kind = read(path), load(path.parent.name)
    want, outputs = read_want(kind, case["want"]), outputs_of(case)
    for key in trees(outputs):
        outputs[key] = Output(outputs[key].code, "[" * 100_000)
    with pytest.raises((Unreadable, RecursionError)):
        kind.parse(want, outputs)


SITES = sorted(
    path.parent
    for pattern in ("bundles/*/site.json", "tests/golden/*/expected/site.json")
    for path in HERE.parents[1].glob(pattern)
)


def wants() -> Iterator[tuple[str, Any]]:
    """Every want of every case, and of every bundle that is committed."""
    for path in CASES:
        yield path.parent.name, read(path)["want"]
    for folder in SITES:
        bundle = bundles.load(folder)
        for manifest in bundle.manifests.values():
            yield from ((e.kind, resolve(e.want, bundle.site.lists)) for e in manifest.expectations)


@pytest.mark.parametrize("code", [0, 1])
def test_an_empty_answer_is_never_a_pass(code: int) -> None:
    """A node on which every command prints nothing is no node that is as the spec has it."""
    asked = set()
    for name, data in wants():
        kind = load(name)
        want = read_want(kind, data)
        outputs = dict.fromkeys(kind.commands(want), Output(code, ""))
        asked.add(name)
        try:
            seen = kind.parse(want, outputs)
        except Unreadable:
            continue
        assert kind.judge(want, seen), f"{name} passes: {want}"
    assert asked == set(KINDS)
    assert len(SITES) > 10


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_asked_from_outside_says_what_it_reaches(path: Path) -> None:
    kind = load(path.parent.name)
    for command in kind.commands(read_want(kind, read(path)["want"])).values():
        assert bool(command.reaches) >= (command.scope == "outside")
