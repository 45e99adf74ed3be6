"""Which package of dpkg's has brought a file, and whether it is as it was: a part of others."""

from __future__ import annotations

import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

DPKG = Path("/var/lib/dpkg")
CONFFILE = re.compile(r"^ (/.+) ([0-9a-f]{32})(?: obsolete| remove-on-upgrade)*$", re.M)


class File(NamedTuple):
    """`package` is "" where none has brought it; `same` is whether it is as any of them did."""

    path: str
    package: str
    same: bool


def names(path: str) -> Iterator[str]:
    """As a database may have it: /usr/bin is /bin since some release, and packages say either."""
    yield path
    if re.match(r"/usr/(s?bin|lib\w*)/", path):
        yield path[4:]


def lines(path: Path) -> Iterator[str]:
    yield from path.read_text(errors="replace").splitlines()


def look_up(paths: Iterable[str], database: Path = DPKG) -> list[File]:
    """In the order of the paths. Without a database nothing can be said, and that is said."""
    asked = list(dict.fromkeys(paths))
    known = {name: path for path in asked for name in names(path)}
    owners: dict[str, list[str]] = defaultdict(list)
    lists = sorted(database.glob("info/*.list"))
    if not lists:
        sys.exit(f"{database} is no database of packages")
    for file in lists:
        for name in known.keys() & set(lines(file)):
            owners[known[name]].append(file.name[: -len(".list")])
    digests = recorded(database, {package for each in owners.values() for package in each})
    return [
        File(path, (owners[path] or [""])[0], unchanged(path, digests)) if path in owners
        else File(path, "", False)
        for path in asked
    ]  # fmt: skip


def recorded(database: Path, packages: Iterable[str]) -> dict[str, set[str]]:
    """The digests that these packages have of their files, by path; conffiles are in the status."""
    digests: dict[str, set[str]] = defaultdict(set)
    for package in packages:
        sums = database / f"info/{package}.md5sums"
        for line in lines(sums) if sums.exists() else ():
            digest, _, path = line.partition("  ")
            digests[f"/{path}"].add(digest)
    for path, digest in CONFFILE.findall((database / "status").read_text(errors="replace")):
        digests[path].add(digest)
    return digests


def unchanged(path: str, digests: dict[str, set[str]]) -> bool:
    """A file of which no package has a digest is as nobody can tell: it counts as it was."""
    wanted = {digest for name in names(path) for digest in digests.get(name, ())}
    try:
        content = Path(path).read_bytes()
    except OSError:
        return not wanted
    return not wanted or hashlib.md5(content, usedforsecurity=False).hexdigest() in wanted
