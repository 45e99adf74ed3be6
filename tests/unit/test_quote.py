"""Each format's quoting keeps a value one value, and says so where the format cannot."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from generator import quote, syntax

TEXT = some.text(alphabet=some.characters(min_codepoint=32, max_codepoint=0x17F), max_size=40)


@given(TEXT)
def test_nginx_reads_one_string(value: str) -> None:
    if "$" in value or not all(ord(c) > 31 for c in value):
        with pytest.raises(quote.Unwritable):
            quote.nginx(value)
        return
    line = f"root {quote.nginx(value)};\n"
    syntax.nginx(line.encode())
    inner = line[6:-3]
    assert re.sub(r"\\(.)", r"\1", inner) == value


@given(TEXT)
def test_php_reads_one_string(value: str) -> None:
    written = quote.php(value)
    assert re.fullmatch(r"'(?:[^'\\]|\\['\\])*'", written, re.DOTALL)
    assert re.sub(r"\\(['\\])", r"\1", written[1:-1]) == value


@given(TEXT)
def test_vcl_reads_one_string_or_it_is_refused(value: str) -> None:
    if '"' in value:
        with pytest.raises(quote.Unwritable):
            quote.vcl(value)
        return
    syntax.vcl(f"vcl 4.1;\nset a = {quote.vcl(value)};\n".encode())


@given(TEXT)
def test_php_ini_reads_one_value_or_it_is_refused(value: str) -> None:
    try:
        written = quote.ini(value)
    except quote.Unwritable:
        return
    parser = configparser.ConfigParser(interpolation=None, delimiters="=")
    parser.read_string(f"[php]\nname = {written}\n")
    assert parser["php"]["name"] == f'"{value}"'


@pytest.mark.parametrize("form", [quote.nginx, quote.vcl, quote.ini])
def test_a_second_line_is_refused(form: Callable[[str], str]) -> None:
    with pytest.raises(quote.Unwritable):
        form("a\nb")
