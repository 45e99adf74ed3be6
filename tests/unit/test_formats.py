"""Each format's quoting keeps a value one value, and says so where the format cannot."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from generator import formats
from generator.formats import Unwritable, nginx, php, php_ini, sshd, vcl
from generator.rendering.recheck import OF_THE_BUNDLE

TEXT = some.text(alphabet=some.characters(min_codepoint=32, max_codepoint=0x17F), max_size=40)


@given(TEXT)
def test_nginx_reads_one_string(value: str) -> None:
    if "$" in value or not all(ord(c) > 31 for c in value):
        with pytest.raises(Unwritable):
            nginx.quote(value)
        return
    line = f"root {nginx.quote(value)};\n"
    nginx.read(line.encode())
    inner = line[6:-3]
    assert re.sub(r"\\(.)", r"\1", inner) == value


@given(TEXT)
def test_php_reads_one_string(value: str) -> None:
    written = php.quote(value)
    assert re.fullmatch(r"'(?:[^'\\]|\\['\\])*'", written, re.DOTALL)
    assert re.sub(r"\\(['\\])", r"\1", written[1:-1]) == value


@given(TEXT)
def test_vcl_reads_one_string_or_it_is_refused(value: str) -> None:
    if '"' in value:
        with pytest.raises(Unwritable):
            vcl.quote(value)
        return
    vcl.read(f"vcl 4.1;\nset a = {vcl.quote(value)};\n".encode())


@given(TEXT)
def test_php_ini_reads_one_value_or_it_is_refused(value: str) -> None:
    try:
        written = php_ini.quote(value)
    except Unwritable:
        return
    parser = configparser.ConfigParser(interpolation=None, delimiters="=")
    parser.read_string(f"[php]\nname = {written}\n")
    assert parser["php"]["name"] == f'"{value}"'


@pytest.mark.parametrize("form", [nginx.quote, vcl.quote, php_ini.quote])
def test_a_second_line_is_refused(form: Callable[[str], str]) -> None:
    with pytest.raises(Unwritable):
        form("a\nb")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("# a\nPermitRootLogin no\nMatch User a\n    PermitRootLogin no\n", ""),
        ("PermitRootLogin no\nPermitRootLogin yes\n", "PermitRootLogin comes twice"),
        ("PermitRootLogin no\npermitrootlogin no\n", "permitrootlogin comes twice"),
        ("PermitRootLogin\n", "not a keyword and its value: PermitRootLogin"),
    ],
)
def test_sshd_is_told_each_thing_once(text: str, wrong: str) -> None:
    if not wrong:
        sshd.read(text.encode())
        return
    with pytest.raises(ValueError, match=wrong):
        sshd.read(text.encode())


def test_every_module_is_a_format_and_is_used() -> None:
    folder = Path(__file__).parents[2] / "generator/formats"
    names = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert all(isinstance(formats.load(name), formats.Format) for name in names)
    used = set(OF_THE_BUNDLE.values())
    for path in (folder.parent / "components").rglob("*.py"):
        used |= set(re.findall(r'"([a-z0-9_]+)"', path.read_text()))
    assert names <= used | {"text"}


def test_no_two_validators_have_one_name() -> None:
    folder = Path(__file__).parents[2] / "generator/formats"
    every = {formats.load(path.stem).validator for path in folder.glob("[a-z]*.py")} - {None}
    assert len({validator.name for validator in every if validator}) == len(every)


def test_a_format_may_stand_elsewhere_and_a_template_calls_it_by_its_name() -> None:
    assert formats.load("generator.formats.nginx") == formats.load("nginx")
    with pytest.raises(ImportError):
        formats.load("nginxx")
