"""The JSON of a report: one shape, the schema in the docs, and what is read again."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.unit.reported import CASES, NIGHT, QUIET
from verify.contract import (
    CONTRACT,
    Acceptance,
    Change,
    Control,
    Difference,
    Level,
    Phase,
    Report,
    Run,
    Severity,
    Since,
    Status,
    Turn,
    Verdict,
)
from verify.plain import ContractError
from verify.reports import load_format
from verify.serialization import load_reports

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs/reference/report.schema.json").read_text("utf-8")
)
FORMS: dict[str, type[Any]] = {
    "Report": Report,
    "Verdict": Verdict,
    "Difference": Difference,
    "Acceptance": Acceptance,
    "Control": Control,
    "Since": Since,
    "Change": Change,
    "Run": Run,
}


@pytest.mark.parametrize("case", CASES)
def test_every_report_is_as_the_schema_says(case: str) -> None:
    data = json.loads(load_format("json").write(CASES[case]))
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(data)] == []


@pytest.mark.parametrize("name", FORMS)
def test_the_schema_has_the_fields_of_the_contract(name: str) -> None:
    part = SCHEMA["$defs"][name]
    names = [field.name for field in fields(FORMS[name])]
    assert sorted(part["properties"]) == sorted(part["required"]) == sorted(names)
    assert part["additionalProperties"] is False


def test_the_schema_has_the_words_of_the_contract() -> None:
    verdict = SCHEMA["$defs"]["Verdict"]["properties"]
    words = {"level": Level, "severity": Severity, "status": Status}
    assert {name: verdict[name]["enum"] for name in words} == {
        name: [*map(str, form)] for name, form in words.items()
    }
    assert SCHEMA["$defs"]["Report"]["properties"]["phase"]["enum"] == [*map(str, Phase)]
    change = SCHEMA["$defs"]["Change"]["properties"]
    assert change["turn"]["enum"] == [*map(str, Turn)]
    assert change["now"]["enum"] == change["before"]["enum"] == [*verdict["status"]["enum"], None]
    assert SCHEMA["properties"]["contract"]["const"] == CONTRACT


def test_one_site_and_many_have_one_shape() -> None:
    one, many = (json.loads(load_format("json").write(r)) for r in ([NIGHT], [NIGHT, QUIET]))
    assert one.keys() == many.keys()
    assert [site["site"] for site in many["sites"]] == ["shop", "blog"]
    assert one["sites"] == many["sites"][:1]
    statuses = (
        json.loads(load_format("json").write(CASES[c]))["status"]
        for c in ("night", "quiet", "blind")
    )
    assert [*statuses] == ["fail", "pass", "unknown"]


@pytest.mark.parametrize("case", CASES)
def test_what_is_written_is_read_again(case: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(load_format("json").write(CASES[case]), encoding="utf-8")
    assert load_reports(path) == CASES[case]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[]", "contract None, this version reads 2"),
        ('{"contract": 2}', "has no sites"),
        ('{"contract": true, "sites": []}', "contract True"),
        ('{"contract": 2, "sites": [{}]}', "sites[0] lacks"),
        ('{"contract": 1, "sites": []}', "contract 1, this version reads 2"),
        ("{", "not JSON"),
    ],
)
def test_what_is_no_report_is_named(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ContractError) as refused:
        load_reports(tmp_path / "report.json")
    assert why in str(refused.value)
