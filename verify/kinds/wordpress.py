"""The core files of WordPress are those of its source: none altered, none missing, none added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, OneLine
from verify.readers import states
from verify.readers.answers import text
from verify.readers.compare import extra, missing, same
from verify.readers.packages import answered


@dataclass(frozen=True, slots=True)
class Want:
    """`list` holds the digests of the source's files; `package` is "" for a tarball.

    `source` is what must have been put there, without a package's version, which is the node's.
    """

    path: AbsolutePath
    list: AbsolutePath
    source: str
    package: OneLine = ""


MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What the document root says it holds, what is installed, and every file that is unknown."""

    there: str
    source: str
    altered: tuple[str, ...]
    gone: tuple[str, ...]
    added: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The digests are those of the source, on this node's own disk; scripts are looked for."""
    root, names = quote(want.path), quote(want.list)
    put = f"cat -- {quote(f'{want.path}/.stook-wordpress')} 2>/dev/null || echo nothing"
    # everything that PHP would run, outside of what people may add to
    scripts = "find . -path ./wp-content -prune -o -type f -name '*.php' -printf '%P\\n'"
    known = "NR == FNR { known[substr($0, 67)]; next } "
    unknown = quote(known + '$0 != "wp-config.php" && !($0 in known) { print } END { print "end" }')
    return {
        "put": Command(put),
        "version": states.package(want.package) if want.package else Command("echo"),
        "sums": Command(
            f"cd {root} && LC_ALL=C sha256sum -c --quiet {names} 2>/dev/null; code=$?; "
            f"[ $code -le 1 ] && wc -l <{names}; exit $code",
            timeout=90,
        ),
        "scripts": Command(f"cd {root} && {scripts} | awk {unknown} {names} -", timeout=60),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` where the list is absent or empty: then nothing was compared."""
    mark = text(outputs["put"], "the mark of WordPress").strip()
    version = _version(want, outputs["version"])
    *wrong, count = text(outputs["sums"], "sha256sum", codes=(0, 1)).splitlines() or [""]
    if not count.strip().isdigit() or count.strip() == "0":
        raise Unreadable(f"sha256sum: no list of files in {want.list}")
    *added, end = text(outputs["scripts"], "find").splitlines() or [""]
    if end != "end" or not mark:
        raise Unreadable("find: it did not come to its end")
    return Seen(
        mark,
        f"{want.source} {version}".strip(),
        tuple(_names(wrong, ": FAILED")),
        tuple(_names(wrong, ": FAILED open or read")),
        tuple(added),
    )


def _version(want: Want, output: Output) -> str:
    if not want.package:
        return text(output, "echo").strip()
    state, _, version = answered(want.package, output)
    if state != "installed":
        raise Unreadable(f"package {want.package}: {state}")
    return version


def _names(lines: list[str], ending: str) -> list[str]:
    return [line.removesuffix(ending) for line in lines if line.endswith(ending)]


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Of many files the first twenty are named."""
    return (
        *same("put there", seen.source, seen.there),
        *extra("altered", _some(seen.altered)),
        *missing("file", _some(seen.gone)),
        *extra("script", _some(seen.added)),
    )


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    more = len(names) - MOST_NAMES
    return (*names[:MOST_NAMES], f"and {more} more") if more > 0 else names
