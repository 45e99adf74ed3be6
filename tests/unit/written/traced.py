"""What a command and all that it starts write, by path: as the kernel is asked for it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.unit.shell import words as named

# A call on its line of strace's, if it did what it was asked for.
_CALL = re.compile(r"^(\w+)\((.*)\) += (?!-1)")
# A path, after the folder that it is relative to.
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_OPENS = ("open", "openat", "openat2", "creat")
_CHANGES = named(
    "mkdir mkdirat mknod mknodat rename renameat renameat2 unlink unlinkat rmdir link linkat "
    "symlink symlinkat chmod fchmodat fchmodat2 chown lchown fchownat truncate"
)


@contextmanager
def traced(folder: Path) -> Iterator[set[str]]:
    """Every command that `subprocess.run` starts within is traced; the set has what they wrote."""
    written: set[str] = set()
    run = subprocess.run
    folder.mkdir()

    def under(command: list[str], *args: Any, **words: Any) -> Any:
        names = ",".join(("chdir", "fchdir", *_OPENS, *sorted(_CHANGES)))
        strace = ["strace", "-ff", "-qq", "-y", "-s", "4096", "-o", str(folder / "calls")]
        return run([*strace, "-e", f"trace=?{names.replace(',', ',?')}", *command], *args, **words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "run", under)
        yield written
    for file in sorted(folder.iterdir()):
        calls = map(_CALL.match, file.read_text(errors="replace").splitlines())
        written |= set(_written((call[1], call[2]) for call in calls if call))


def _written(calls: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Of one process; where it was when it began, its calls say themselves."""
    here = Path()
    for name, words in calls:
        paths = [here / folder / path for folder, path in _PATH.findall(words)]
        if name == "chdir":
            here = paths[0]
        elif name == "fchdir":
            here = Path(words.partition("<")[2].removesuffix(">"))
        elif name not in _OPENS or re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", words):
            for path in paths[1:] if name.startswith("symlink") else paths:
                assert path.is_absolute(), (name, words)
                yield str(path)
