"""The table of Ceph's options, and what daemons of both releases took of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.components.ceph.options import Option, options, releases
from generator.components.ceph.values import FORMS, malformed, number, plain, stray
from verify.kinds import ceph_config

SAMPLES = Path(__file__).parents[1] / "samples"
VERSIONS = {"16.2": "pacific", "18.2": "reef"}
# Taken by the daemons, and refused here: what is no number to anybody, more than there is, and what
# begins with a number, where no more is read of it.
STRICTER = {"nan", "inf", "10E"}
# A feature that is named twice is read as the next one, and one that librbd sets is no default.
STRICTER |= {"layering,layering", "operations"}
# Shown with their ports.
ADDRESSES = ("addr", "addrvec")
READ_IN_PART = ("addrvec", "levels", "millisecs")


def refusal(option: Option, value: str) -> str:
    return malformed(option.form, value) or stray(option.form, option.limits, value)


def rows(version: str) -> list[tuple[Option, str, str, str]]:
    text = (SAMPLES / f"ceph-{version}-config.tsv").read_text("utf-8")
    known = options(VERSIONS[version])
    parts = (line.split("\t") for line in text.splitlines())
    return [(known[name], value, said, back) for name, value, said, back in parts]


def test_the_releases_are_those_of_the_samples() -> None:
    assert set(releases()) == set(VERSIONS.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_daemon_refuses_is_refused(version: str) -> None:
    wrong = [
        (option.name, value)
        for option, value, said, _ in rows(version)
        if said == "refused" and not refusal(option, value)
    ]
    assert not wrong


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_daemon_takes_is_taken_for_the_same(version: str) -> None:
    wrong = [
        (option.name, value, back)
        for option, value, said, back in rows(version)
        if said == "taken" and not (stricter(option, value) or same(option, value, back))
    ]
    assert not wrong


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_daemon_shows_is_what_the_check_wants(version: str) -> None:
    wrong = [
        (option.name, value, back)
        for option, value, said, back in rows(version)
        if said == "taken" and not refusal(option, value) and option.form not in ADDRESSES
        if differs(option, value, back)
    ]
    assert not wrong


def differs(option: Option, value: str, back: str) -> bool:
    want = ceph_config.Want("mon.x", {option.name: plain(option.form, value)})
    return bool(ceph_config.judge(want, ceph_config.Seen({option.name: back}, ())))


def stricter(option: Option, value: str) -> bool:
    odd = value in STRICTER or option.form in READ_IN_PART
    return odd and bool(refusal(option, value))


def same(option: Option, value: str, back: str) -> bool:
    if refusal(option, value):
        return False
    if option.form in ("bool", "int", "uint", "size", "secs", "millisecs", "features"):
        return number(option.form, value) == number(option.form, back)
    if option.form == "float":
        return abs(float(plain("float", value)) - float(back)) <= 1e-6 * max(1, abs(float(back)))
    return True


@pytest.mark.parametrize("version", VERSIONS)
def test_every_type_was_tried_both_ways(version: str) -> None:
    known = {option.form for option in options(VERSIONS[version]).values()}
    assert known <= {*FORMS, "str"}
    tried = {(option.form, said) for option, _, said, _ in rows(version)}
    both = known - {"fixed"}
    assert {(form, said) for form in both for said in ("taken", "refused")} <= tried


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        ("secs", "1h 30m", "5400"),
        ("size", "4G", "4294967296"),
        ("int", "+5", "+5"),
        ("int", "5K", "5000"),
        ("float", "0.85", "0.85"),
        ("float", "1e3", "1e3"),
        ("float", "0.12345678", "0.123457"),
        ("levels", "20", "20/20"),
        ("levels", "1/5", "1/5"),
        ("features", "layering,exclusive-lock", "5"),
        ("features", "61", "61"),
        ("bool", "2", "true"),
        ("bool", "False", "False"),
        ("str", "4G", "4G"),
    ],
)
def test_a_value_is_expected_as_daemons_show_it(form: str, value: str, shown: str) -> None:
    assert plain(form, value) == shown


def test_every_default_is_of_its_type() -> None:
    for release in releases():
        wrong = [
            one.name
            for one in options(release).values()
            if one.form not in ("str", "fixed")
            and one.default.strip("-")
            and refusal(one, one.default)
        ]
        assert not wrong


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", ["9" * 5000, "0x1p99999", "1e999", "[", "[::1", "1/", "\u0663"])
def test_no_value_ends_in_a_traceback(form: str, value: str) -> None:
    refused = malformed(form, value) or stray(form, "", value)
    assert refused or plain(form, value)
