"""Findings that hang on what others claim, or on a program of the machine."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.claims import Claims
from generator.components.fail2ban import request_pattern, validation
from generator.components.fail2ban.jails import jails_by_node
from generator.components.fail2ban.rules import review
from generator.language.findings import dotted
from tests.fail2ban import tool
from tests.fail2ban.test_config import XMLRPC, part, site

OWN = {"log": "/var/log/nginx/access.log", "request": "POST /x"}


def logs(*, proxied: bool = False) -> Claims:
    claims = Claims()
    claims.add(tool.log(node, proxied=proxied) for node in ("a", "b"))
    return claims


def rules(claims: Claims, **found: Any) -> dict[str, str]:
    made = site(**found)
    return {f.rule: dotted(f.path) for f in review(made, part(made), claims)}


def test_behind_a_load_balancer_it_says_how_bans_work() -> None:
    assert rules(logs(proxied=True), x=XMLRPC) == {"F04": "fail2ban.jails.x"}
    assert rules(logs(), x=XMLRPC) == {}


def test_a_second_format_for_a_known_log_is_refused() -> None:
    wrong = XMLRPC | {"watch": OWN | {"format": '$client [$time] "$request"'}}
    assert rules(logs(), x=wrong) == {"F105": "fail2ban.jails.x.watch.format"}
    assert rules(logs(), x=XMLRPC | {"watch": OWN}) == {}


def test_a_watch_that_no_log_shows_is_named_with_those_that_there_are() -> None:
    made = site(x=XMLRPC | {"watch": "wordpress-comments"})
    (found,) = review(made, part(made), logs())
    assert found.rule == "F101"
    assert "sshd, wordpress-login, wordpress-xmlrpc" in found.message


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unpacked fail2ban-regex under its name, as an installed one would be."""
    home = tool.UNPACKED
    (tmp_path / "fail2ban-regex").write_text(
        f"#!/bin/sh\nPYTHONPATH={home}/usr/lib/python3/dist-packages exec {sys.executable} "
        f'{home}/usr/bin/fail2ban-regex -c {home}/etc/fail2ban "$@"\n'
    )
    (tmp_path / "fail2ban-regex").chmod(0o755)
    if home.exists():
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


def test_check_finds_a_filter_that_fail2ban_reads_otherwise(
    program: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = site(x=XMLRPC)
    assert not list(validation.validate(made, part(made), logs()))
    (one, *_) = jails_by_node(part(made), logs())["a"]
    assert one.filter
    loose = replace(one.filter, failregex='^.*POST .*"(?:[^"]*, )?<ADDR>"$')
    monkeypatch.setattr(validation, "by_name", lambda *_: {"x": replace(one, filter=loose)})
    (found,) = validation.validate(made, part(made), logs())
    assert found.rule == "F110"
    assert "not nobody" in found.message


def test_without_the_program_check_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    made = site(x=XMLRPC)
    assert not list(validation.validate(made, part(made), logs()))


@pytest.mark.parametrize(
    "pattern",
    ["POST .*", r"POST /\S*", r"POST /[^ ]*", "POST /a\\b", "^POST /", "POST /<HOST>", "(", "a ;b"],
)
def test_a_pattern_that_leaves_its_field_is_refused(pattern: str) -> None:
    assert request_pattern.problem(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"POST /api/[^\" ]*", r"(?:GET|POST) /[a-z]+/\d{1,9}", "(?i:post) /x", r"POST /[\w.%/-]*"],
)
def test_a_pattern_that_stays_in_its_field_is_taken_and_has_an_example(pattern: str) -> None:
    import re

    assert not request_pattern.problem(pattern) and not request_pattern.nested(pattern)
    assert re.fullmatch(pattern, request_pattern.example(pattern))


@pytest.mark.parametrize("pattern", ["(a+)+", "(?:a*b*)*", "((?:x{2,}y)+)*"])
def test_repetitions_within_repetitions_are_seen_in_the_tree(pattern: str) -> None:
    assert request_pattern.nested(pattern)
