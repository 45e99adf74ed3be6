"""The secrets of a lab: one random value for each name, the same on every machine that asks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from verify.kinds.secret import FORMS
from verify.lab.errors import LabError


def make(folder: Path, names: Mapping[str, str]) -> None:
    """Make up a value of its form for each name, in files that only their owner may read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name, form in names.items():
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(folder / name, flags, 0o600), "w") as file:
            file.write(FORMS[form]())


def read(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The values that `make` has made up. Raises `LabError` where it has not."""
    try:
        return {name: (folder / name).read_text() for name in names}
    except FileNotFoundError:
        raise LabError("the lab has no secrets: they come with stook lab up") from None
