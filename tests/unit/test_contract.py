"""The contract: what is written is read again, and bundles of the last one are, with a warning."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.unit.verify_site import Clockwork, FakeTarget, expect, package, site
from verify.bundles import load
from verify.contract import (
    CONTRACT,
    Acceptance,
    Expectation,
    ExternalService,
    Level,
    OperatingSystem,
    Phase,
    Prediction,
    SecretFile,
    Severity,
    Status,
)
from verify.engine import run
from verify.plain import ContractError
from verify.report import exit_code
from verify.selection import Options
from verify.serialization import dump, load_manifest, load_site

TIME = ExternalService("time", "ntp", ("ntp.example.internal",), 123)
LAST = Path(__file__).parents[1] / "samples" / "contract-1"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    bundle = site(replace(package("n1", "a"), severity=Severity.WARNING, holds=("package a",)))
    prediction = Prediction("gluster", "wp", "node n1", ("n1",), True, False, "a reason", 42)
    accepted = Acceptance("G10", "gluster.volumes.wp", "2030-01-01")
    secret = SecretFile("pw", "/etc/pw", "0400", "root", "root", "the database")
    whole = replace(bundle.site, predictions=(prediction,), accepted=(accepted,), external=(TIME,))
    manifest = replace(bundle.manifests["n1"], secrets=(secret,))
    (tmp_path / "site.json").write_bytes(dump(whole))
    (tmp_path / "manifest.json").write_bytes(dump(manifest))
    assert load_site(tmp_path / "site.json") == whole
    assert load_manifest(tmp_path / "manifest.json") == manifest


def test_a_bundle_of_the_last_contract_is_read_with_a_warning() -> None:
    bundle = load(LAST)
    assert (bundle.site.contract, CONTRACT) == (1, 2)
    assert bundle.manifests["node1"].os == OperatingSystem("debian", "13")
    assert bundle.manifests["node1"].expectations[0].severity is Severity.ERROR
    report = run(bundle, FakeTarget({}), Options(), Clockwork().clock())
    warning = "bundles of contract 1 are read by this release only: build them again"
    assert warning in report.not_checked
    new = run(site(package("n1", "a")), FakeTarget({}), Options(), Clockwork().clock())
    assert warning not in new.not_checked


def test_what_the_last_contract_uses_is_read_from_its_facts(tmp_path: Path) -> None:
    assert load_site(LAST / "site.json").external == (TIME,)
    data = json.loads((LAST / "site.json").read_text())
    database = {"name": "wordpress", "user": "wp", "password": "pw", "tls": "on"}
    data["facts"]["web"] = {"database": {"host": "db", "port": 3306, **database}}
    (tmp_path / "site.json").write_text(json.dumps(data))
    service = ExternalService("web.database", "mysql", ("db",), 3306, database)
    assert load_site(tmp_path / "site.json").external == (TIME, service)
    del data["facts"]["web"]["database"]["host"]
    (tmp_path / "site.json").write_text(json.dumps(data))
    with pytest.raises(ContractError, match=r"site\.json\.external"):
        load_site(tmp_path / "site.json")


def test_what_was_accepted_by_the_last_contract_still_is(tmp_path: Path) -> None:
    data = json.loads((LAST / "site.json").read_text())
    data["facts"]["accept"] = [{"rule": "G10", "where": "nodes", "until": "2020-01-01"}]
    (tmp_path / "site.json").write_text(json.dumps(data))
    assert load_site(tmp_path / "site.json").accepted == (Acceptance("G10", "nodes", "2020-01-01"),)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"contract": 3}, "contract 3, this version reads"),
        ({"contract": None}, "contract None, this version reads"),
        ({"accepted": []}, "not as contract 1 has it (accepted)"),
    ],
)
def test_another_contract_is_refused(tmp_path: Path, change: dict[str, object], why: str) -> None:
    data = json.loads((LAST / "site.json").read_text()) | change
    (tmp_path / "site.json").write_text(json.dumps(data))
    with pytest.raises(ContractError) as error:
        load_site(tmp_path / "site.json")
    assert why in str(error.value)


def test_what_only_another_place_can_answer_is_no_failure() -> None:
    report = run(site(package("n1", "a")), FakeTarget({}), Options(), Clockwork().clock())
    (verdict,) = report.verdicts
    passed = replace(verdict, id="n1/package/b", status=Status.PASS)
    moved = replace(verdict, status=Status.ELSEWHERE, reason="it is asked from outside")
    assert exit_code([replace(report, verdicts=(moved, passed))]) == 0
    assert exit_code([replace(report, verdicts=(moved,))]) == 3


def test_an_expectation_knows_its_parts() -> None:
    made = Expectation("n1/file/etc/a", "base", {}, "nodes", Level.FILE, Phase.BAKED)
    assert (made.node, made.kind, made.subject) == ("n1", "file", "etc/a")


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("site.json", "networks", None),
        ("site.json", "networks", {"lan": "10.0.0.0/8"}),
        ("site.json", "facts", None),
        ("site.json", "predictions", ["a"]),
        ("site.json", "accepted", ["a"]),
        ("site.json", "external", [{"name": "time"}]),
        ("site.json", "contract", True),
        ("site.json", "contract", [2]),
        ("manifest.json", "secrets", ["a"]),
        ("manifest.json", "expectations", [{"id": "n1/package/a"}]),
    ],
)
def test_what_is_of_another_form_is_named(
    tmp_path: Path, name: str, key: str, value: object
) -> None:
    bundle, file = site(package("n1", "a")), tmp_path / name
    file.write_bytes(dump(bundle.site if name == "site.json" else bundle.manifests["n1"]))
    read = load_site if name == "site.json" else load_manifest
    read(file)
    data = json.loads(file.read_bytes())
    file.write_text(json.dumps(data | {key: value}))
    with pytest.raises(ContractError, match=name):
        read(file)


@pytest.mark.parametrize(
    ("key", "value"),
    [("severity", "hint"), ("level", "x"), ("holds", 5), ("within", "abc"), ("id", "n1")],
)
def test_a_check_of_another_form_is_named(tmp_path: Path, key: str, value: object) -> None:
    file = tmp_path / "manifest.json"
    file.write_bytes(dump(site(package("n1", "a")).manifests["n1"]))
    data = json.loads(file.read_bytes())
    data["expectations"][0][key] = value
    file.write_text(json.dumps(data))
    with pytest.raises(ContractError, match=r"manifest\.json"):
        load_manifest(file)


# What no annotation says of a site.json: field, and a value that is not one of its kind.
UNREADABLE: tuple[tuple[str, object], ...] = (
    ("nodes", {"n1": {}}),
    ("nodes", {"n1": {"addresses": {}}}),
    ("nodes", {"n1": {"addresses": {"internal": 1}}}),
    ("nodes", {"n1": {"addresses": {"internal": "10.0.0.x"}}}),
    ("networks", {"internal": ["x"]}),
    ("facts", {"admitted": 3}),
    ("facts", {"admitted": ["x"]}),
    ("accepted", [{"rule": "G10", "where": "a", "until": "x"}]),
)


@pytest.mark.parametrize(("key", "value"), UNREADABLE)
def test_addresses_networks_and_days_of_a_site_are_such(
    tmp_path: Path, key: str, value: object
) -> None:
    data = json.loads(dump(site(package("n1", "a")).site))
    (tmp_path / "site.json").write_text(json.dumps(data | {key: value}))
    with pytest.raises(ContractError, match=key):
        load_site(tmp_path / "site.json")


def test_what_is_nested_too_deep_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "site.json").write_text("[" * 100_000)
    with pytest.raises(ContractError, match="not JSON"):
        load_site(tmp_path / "site.json")


@pytest.mark.parametrize(
    ("kind", "want"),
    [("package/a", {"name": {"$list": ["a"]}}), ("hosts/a", {"entries": {"$list": "hosts"}})],
)
def test_a_want_that_cannot_be_asked_for_is_unknown(kind: str, want: dict[str, object]) -> None:
    bundle = site(expect(f"n1/{kind}", want), lists={"hosts": [[]]})
    (verdict,) = run(bundle, FakeTarget({}), Options(), Clockwork().clock()).verdicts
    assert verdict.status == "unknown" and "build" in verdict.reason


def test_what_is_accepted_counts_until_its_day_is_over() -> None:
    waiver = Acceptance("G10", "nodes", "2026-11-28", "known", "ops")
    bundle = site(package("n1", "a"))
    bundle = replace(bundle, site=replace(bundle.site, accepted=(waiver,)))
    clock = Clockwork().clock()
    today, after = (
        run(bundle, FakeTarget({}), Options(), clock, date(2026, 11, day)) for day in (28, 29)
    )
    assert today.accepted == (waiver,) and after.accepted == ()
    over = "G10 at nodes was accepted until 2026-11-28 only"
    assert over not in today.not_checked and over in after.not_checked
