"""A managed block stands in a file exactly once, with exactly its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import AbsolutePath, Label
from verify.readers.answers import file_text
from verify.readers.compare import extra, missing, same
from verify.readers.shell import show_file


@dataclass(frozen=True, slots=True)
class Want:
    """The lines between `# BEGIN stook SITE` and `# END stook SITE` of the file."""

    path: AbsolutePath
    site: Label
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """How often each marker stands in the file, and the lines between the first two."""

    exists: bool
    begins: int = 0
    ends: int = 0
    lines: tuple[str, ...] = ()


def commands(want: Want) -> Mapping[str, Command]:
    """The whole file; other blocks of the same file share the command."""
    return {"file": Command(show_file(want.path))}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Finds the markers of this site only."""
    printed = file_text(outputs["file"], want.path)
    if printed is None:
        return Seen(exists=False)
    lines = printed.splitlines()
    begin, end = f"# BEGIN stook {want.site}", f"# END stook {want.site}"
    first = lines.index(begin) + 1 if begin in lines else len(lines)
    inside = lines[first:]
    body = inside[: inside.index(end)] if end in inside else inside
    return Seen(True, lines.count(begin), lines.count(end), tuple(body))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Markers first: without exactly one of each there is no block to compare."""
    if not seen.exists:
        return same("file", "there", "absent")
    markers = same("BEGIN markers", 1, seen.begins) + same("END markers", 1, seen.ends)
    if markers or seen.lines == want.lines:
        return markers
    lost = missing("line", set(want.lines) - set(seen.lines))
    unexpected = extra("line", set(seen.lines) - set(want.lines))
    return lost + unexpected or same("order of lines", "as in the bundle", "another")
