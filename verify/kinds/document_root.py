"""Every node serves the same files and signs cookies with the same keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Label, OneLine
from verify.readers import fpm
from verify.readers.answers import first_line, text


@dataclass(frozen=True, slots=True)
class Want:
    """A document root, the nodes that serve it, and where PHP listens on each.

    `shared` is whether it is on a volume that all of them have mounted.
    """

    path: AbsolutePath
    nodes: tuple[Label, ...]
    fastcgi: Mapping[str, OneLine] = field(default_factory=dict)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """By node: a digest of what is there, and one of the keys that PHP uses."""

    files: dict[str, str]
    keys: dict[str, str]


# uploads and caches change while one node after the other is asked
_LEFT_OUT = "-path ./wp-content/uploads -o -path ./wp-content/cache -o -name '.stook-*'"
_TREE = (
    f"cd {{}} && find . \\( {_LEFT_OUT} \\) -prune -o -type f -printf '%P %s\\n' "
    "| LC_ALL=C sort | sha256sum"
)
# GlusterFS makes inode numbers of what identifies a file in the volume: every client has the same,
# and no other file system has (gfid_to_ino). To list all files would have each brick look up each.
_TOP = "cd {} && find . -maxdepth 1 -printf '%P %i\n' | LC_ALL=C sort | sha256sum"


def commands(want: Want) -> Mapping[str, Command]:
    """Two digests from each node, asked at the same time.

    Of a shared volume names and inode numbers of what is at its top, else names and sizes of all.
    """
    tree = (_TOP if want.shared else _TREE).format(quote(want.path))
    files = {f"files {node}": Command(tree, f"node:{node}", 60) for node in want.nodes}
    return files | {f"keys {node}": _keys(want, node) for node in want.nodes}


def _keys(want: Want, node: str) -> Command:
    return fpm.ask(want.fastcgi.get(node, fpm.USUAL), scope=f"node:{node}")


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A document root that is not there is an answer."""
    files = {node: _digest(outputs[f"files {node}"], node) for node in want.nodes}
    keys = {node: fpm.part(fpm.read(outputs[f"keys {node}"]), "salts", str) for node in want.nodes}
    return Seen(files, keys)


def _digest(output: Output, node: str) -> str:
    printed = text(output, f"find on {node}", codes=(0, 1, 2)).split(" ")[0].strip()
    if output.code != 0:
        return f"error: {first_line(output)}"
    if not re.fullmatch("[0-9a-f]{64}", printed):
        raise Unreadable(f"find on {node}: it printed {printed[:100] or 'nothing'}")
    return printed[:16]


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What most nodes have is taken for what is meant; with a tie, what the first has."""
    return (*_deviating("files", seen.files), *_deviating("keys and salts", seen.keys))


def _deviating(what: str, values: Mapping[str, str]) -> tuple[Difference, ...]:
    usual = Counter(values.values()).most_common(1)[0][0]
    return tuple(
        Difference(f"{what} on {node}", f"{usual}, as elsewhere", value)
        for node, value in values.items()
        if value != usual
    )
