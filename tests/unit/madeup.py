"""A platform and a package family that only tests have, beside the real ones."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from generator import platforms

ROOT = Path(__file__).parents[2]
NAME = "madeup-1"
FAMILY = "tests.unit.family_dnf"
# Every site that is built here.
EXAMPLES = sorted(
    [
        *ROOT.glob("bundles/*/site.yaml"),
        *ROOT.glob("tests/golden/*/site.yaml"),
    ]
)


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """A copy of the platforms that may be changed, which is read instead of them."""
    shutil.copytree(platforms.FOLDER, folder / "platforms")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platforms, "FOLDER", folder / "platforms")
        clear()
        yield folder / "platforms"
    clear()


def clear() -> None:
    """Forget what was read of platforms."""
    platforms.load.cache_clear()
    platforms.names.cache_clear()


def add(folder: Path) -> None:
    """The made-up platform, to such a copy."""
    shutil.copy(ROOT / f"tests/unit/platforms/{NAME}.yaml", folder)
    clear()


def on(platform: str, spec: Path) -> str:
    """A spec with all its nodes on another platform."""
    text = spec.read_text("utf-8")
    found = re.sub(r"\bplatform: [\w.-]+", f"platform: {platform}", text)
    return found if found != text or platform in text else f"{text}platform: {platform}\n"
