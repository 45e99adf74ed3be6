"""What packages have brought is as they brought it, and no library gets in before theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Word
from verify.readers.answers import first_line, text
from verify.readers.compare import extra


@dataclass(frozen=True, slots=True)
class Want:
    """The packages by name, and the files that the spec says are otherwise by agreement."""

    names: tuple[Word, ...]
    files: tuple[AbsolutePath, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Files whose digest is not the package's or that are gone, and lists of libraries for all.

    A conffile is not among them: it is there to be edited.
    """

    changed: tuple[str, ...]
    preloaded: tuple[str, ...]


PRELOAD = "/etc/ld.so.preload"
# `??5??????   /path`, with a `c` before the path of a conffile; `missing     /path`. dpkg(1)
LINE = re.compile(r"(missing  |[?.5]{9}) ([ c]) (/.*)")
# What may go: data and caches, and what a dpkg that is told to (--path-exclude) leaves out.
DISPENSABLE = re.compile(r"/var/|/usr/share/(doc|man|info|locale|lintian|groff|linda)/")


def commands(want: Want) -> Mapping[str, Command]:
    """dpkg's own answer; the preload file is named where it is, whatever is in it."""
    # dpkg takes no name that packages of several architectures have: each is asked for
    names = " ".join(map(quote, want.names))
    whole = f"names=$(dpkg-query -W -f '${{binary:Package}} ' {names}) && dpkg --verify $names"
    return {
        "files": Command(whole, timeout=60),
        "preload": Command(f"ls -d {PRELOAD} 2>/dev/null || echo none"),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """dpkg says nothing of what is as it was, and on its error output what is not installed."""
    asked = "dpkg --verify"
    printed = text(outputs["files"], asked)
    if outputs["files"].err.strip():
        raise Unreadable(f"{asked}: {first_line(outputs['files'])}")
    there = text(outputs["preload"], f"ls {PRELOAD}").split()
    if there not in (["none"], [PRELOAD]):
        raise Unreadable(f"ls {PRELOAD}: cannot read {' '.join(there)[:80]!r}")
    return Seen(tuple(_changed(asked, printed)), tuple(there) if there != ["none"] else ())


def _changed(asked: str, printed: str) -> Iterator[str]:
    for line in printed.splitlines():
        match = LINE.fullmatch(line)
        if not match:
            raise Unreadable(f"{asked}: cannot read {line[:80]!r}")
        gone, path = match[1] == "missing  ", match[3]
        if match[2] != "c" and not (gone and DISPENSABLE.match(path)):
            yield f"{path} (missing)" if gone else path


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Whoever writes the digests anew is not seen; who may do so is root."""
    return (
        *extra("changed", set(seen.changed) - set(want.files)),
        *extra("preloaded", set(seen.preloaded) - set(want.files)),
    )
