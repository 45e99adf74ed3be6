"""Readers of formats that no library of ours knows: what a value that got past quoting breaks.

They know words, strings, comments and braces, and so where a statement ends; not what one means.
"""

from __future__ import annotations

import re

# nginx: a string, a comment, a mark, or a word. ngx_conf_read_token.
_NGINX = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|#[^\n]*|[{};]|(?:[^\s{};\"'#]|\$\{)+")
# VCL: long and short strings, three kinds of comments, marks, and all else. vcl(7).
_VCL = re.compile(
    r"\{\".*?\"\}|\"[^\"\n]*\"|/\*.*?\*/|//[^\n]*|#[^\n]*|[{}();]|[^\s{}();\"]+", re.DOTALL
)
# nft: a string, a comment, a mark, or a word. nft(8), lexical conventions.
_NFT = re.compile(r"\"[^\"\n]*\"|#[^\n]*|[{};,]|[^\s{};,\"#]+")


def nginx(content: bytes) -> None:
    """Every statement of nginx's configuration ends, and every block. Raises ValueError."""
    tokens = _tokens(_NGINX, content.decode("utf-8"))
    depth, open_statement = 0, False
    for token in tokens:
        if token == ";" and not open_statement:
            raise ValueError("a statement without words")
        if token == "}":
            if open_statement:
                raise ValueError("a statement that does not end")
            depth -= 1
        elif token == "{":
            depth += 1
        open_statement = token not in ("{", "}", ";")
        if depth < 0:
            raise ValueError("a brace too much")
    if depth or open_statement:
        raise ValueError("a block or a statement that does not end")


def vcl(content: bytes) -> None:
    """VCL has its version first, and its braces and parentheses in pairs. Raises ValueError."""
    tokens = _tokens(_VCL, content.decode("utf-8"))
    if tokens[:3] != ["vcl", "4.1", ";"]:
        raise ValueError("VCL without its version")
    open_marks = []
    for token in tokens:
        if token in "({":
            open_marks.append(token)
        elif token in ")}" and (not open_marks or open_marks.pop() + token not in ("()", "{}")):
            raise ValueError(f"a {token} too much")
    if open_marks:
        raise ValueError(f"a {open_marks[-1]} that is not closed")


def nft(content: bytes) -> None:
    """Rules of nftables: each statement has a line, and braces and strings end. Raises ValueError.

    A table that is filled must have been taken away before: rules would be there twice.
    """
    tokens = _tokens(_NFT, content.decode("utf-8"))
    depth = 0
    for token in tokens:
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            raise ValueError("a brace too much")
    if depth:
        raise ValueError("a block that does not end")
    words = " ".join(tokens)
    for table in re.findall(r"table (\S+ \S+) \{", words):
        if f"delete table {table} " not in words:
            raise ValueError(f"table {table} is not replaced")
    if "flush ruleset" in words:
        raise ValueError("it takes the tables of others away")


def _tokens(pattern: re.Pattern[str], text: str) -> list[str]:
    """All tokens but comments; raises ValueError where something is none."""
    rest = pattern.sub("", text).strip()
    if rest:
        raise ValueError(f"cannot be read: {rest[:40]!r}")
    found = pattern.findall(text)
    return [token for token in found if not token.startswith(("#", "//", "/*"))]


def ini(content: bytes) -> None:
    """Settings of PHP, and of its pools: one `name = value` a line. Raises ValueError."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None, delimiters="=", strict=True)
    text = content.decode("utf-8")
    try:
        parser.read_string(text if "\n[" in text else f"[php]\n{text}")
    except configparser.Error as error:
        raise ValueError(str(error)) from None
    for section in parser.values():
        for name, value in section.items():
            if value.count('"') not in (0, 2) or "\n" in value:
                raise ValueError(f"{name} has the value {value!r}")
