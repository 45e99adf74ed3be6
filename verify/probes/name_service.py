"""What the files of accounts and groups say, as the C library reads them: a part of others."""

from __future__ import annotations

import grp
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

SHADOWED = "x"


def state(password: str) -> str:
    """Whether it could be the right one."""
    return "locked" if password[:1] in ("!", "*") else "usable" if password else "empty"


def shadow(text: str, today: float) -> dict[str, tuple[str, str]]:
    """Of each name the first line: its password, and what keeps the account out for all that."""
    known: dict[str, tuple[str, str]] = {}
    for line in text.splitlines():
        name, password, changed, _, longest, _, _, expires, *_ = f"{line}::::::::".split(":")
        aged = changed == "0" or (changed and longest and today > int(changed) + int(longest))
        shut = expires not in ("", "-1") and today >= int(expires)
        out = "expired" if shut else "password expired" if aged else ""
        known.setdefault(name, (state(password), out))
    return known


def groups(text: str) -> Iterator[list[object]]:
    """Name, gid, password and members of each, those and the administrators of gshadow, too."""
    hidden: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, *fields = f"{line}:::".split(":")[:4]
        hidden.setdefault(name, fields)
    for one in grp.getgrall():
        password, *lists = hidden.get(one.gr_name, ["", "", ""])
        more = [name for each in lists for name in each.split(",") if name]
        own = one.gr_passwd or ""
        usable = "usable" in (state(password), state("" if own == SHADOWED else own))
        word = "usable" if usable else "locked"
        yield [one.gr_name, one.gr_gid, word, sorted({*one.gr_mem, *more})]


def twice(**names: Iterable[str]) -> list[str]:
    """Of two lines with one name the first counts, and others may see the second."""
    return [
        f"{file}: {name}"
        for file, every in names.items()
        for name, count in Counter(every).items()
        if count > 1
    ]


def names_in(path: str) -> list[str]:
    """Of each line the first word, as the C library reads it: blanks before it are none of it."""
    lines = Path(path).read_text(errors="replace").splitlines() if Path(path).exists() else []
    return [line.strip().partition(":")[0] for line in lines if line.strip()]
