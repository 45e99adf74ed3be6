"""Rules of nftables."""

from __future__ import annotations

import re

from generator.formats import Format, Validator
from generator.formats.text import tokens

# nft: a string, a comment, a mark, or a word. nft(8), lexical conventions.
_TOKEN = re.compile(r"\"[^\"\n]*\"|#[^\n]*|[{};,]|[^\s{};,\"#]+")


def read(content: bytes) -> None:
    """Rules of nftables: each statement has a line, and braces and strings end. Raises ValueError.

    A table that is filled must have been taken away before: rules would be there twice.
    """
    every = tokens(_TOKEN, content)
    depth = 0
    for token in every:
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            raise ValueError("a brace too much")
    if depth:
        raise ValueError("a block that does not end")
    words = " ".join(every)
    for table in re.findall(r"table (\S+ \S+) \{", words):
        if f"delete table {table} " not in words:
            raise ValueError(f"table {table} is not replaced")
    if "flush ruleset" in words:
        raise ValueError("it takes the tables of others away")


FORMAT = Format(read, Validator("nft", "nft -c -f {}", "nft refuses {}"))
