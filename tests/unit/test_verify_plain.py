"""What stands in a manifest is of the type that its dataclass says, or it is not taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from verify import plain
from verify.kinds import KINDS, load
from verify.plain import ContractError


@dataclass(frozen=True)
class Inner:
    name: str


@dataclass(frozen=True)
class Outer:
    text: str
    number: int = 0
    share: float = 0.5
    flag: bool = False
    names: tuple[str, ...] = ()
    pair: tuple[str, int] = ("", 0)
    table: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rows: tuple[Inner, ...] = ()
    word: Literal["open", "shut"] = "open"
    maybe: str | None = None
    free: object = None


def test_every_form_is_read() -> None:
    data = {
        "text": "a",
        "number": 3,
        "share": 1,
        "flag": True,
        "names": ["x", "y"],
        "pair": ["x", 1],
        "table": {"k": ["v"]},
        "rows": [{"name": "n"}],
        "word": "shut",
        "maybe": None,
        "free": {"a": [1]},
    }
    read = plain.read(Outer, data, "it")
    assert read == Outer(
        "a",
        3,
        1,
        True,
        ("x", "y"),
        ("x", 1),
        {"k": ("v",)},
        (Inner("n"),),
        "shut",
        None,
        {"a": [1]},
    )
    assert plain.read(Outer, {"text": "a", "maybe": "b"}, "it") == Outer("a", maybe="b")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ([], "it is not an object: '[]'"),
        ({}, "it lacks text"),
        ({"text": "a", "colour": 1, "age": 2}, "it has unknown fields (age, colour)"),
        ({"text": 1}, "it.text is not str: '1'"),
        ({"text": "a", "number": True}, "it.number is not int: 'True'"),
        ({"text": "a", "number": "1"}, "it.number is not int: '1'"),
        ({"text": "a", "share": True}, "it.share is not float: 'True'"),
        ({"text": "a", "flag": 1}, "it.flag is not bool: '1'"),
        ({"text": "a", "names": "x"}, "it.names is not a list: 'x'"),
        ({"text": "a", "names": ["x", 1]}, "it.names[1] is not str: '1'"),
        ({"text": "a", "pair": ["x"]}, "it.pair is not a list of 2: \"['x']\""),
        ({"text": "a", "table": {"k": 1}}, "it.table.k is not a list: '1'"),
        ({"text": "a", "table": {1: []}}, "it.table is not an object: '{1: []}'"),
        ({"text": "a", "rows": [{"nam": "n"}]}, "it.rows[0] has unknown fields (nam)"),
        ({"text": "a", "word": "ajar"}, "it.word is not one of open, shut: 'ajar'"),
        ({"text": "a", "maybe": 1}, "it.maybe is not str: '1'"),
    ],
)
def test_what_is_of_another_type_is_named(data: Any, why: str) -> None:
    with pytest.raises(ContractError) as error:
        plain.read(Outer, data, "it")
    assert str(error.value) == why


@pytest.mark.parametrize("name", KINDS)
def test_every_want_can_be_checked(name: str) -> None:
    with pytest.raises(ContractError, match="unknown fields"):
        plain.read(load(name).Want, {"no such field": 1}, "a want")
