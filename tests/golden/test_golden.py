"""Golden cases: the complete file set of a site, with bytes and modes. A new case is a folder.

`CASE/FILES` lists mode, SHA-256 and path of every file; `CASE/expected/` has the contents of all
but the static scripts, and user-data and the handbook, which repeat the rest. `make golden`
rewrites both.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from generator import pipeline
from generator.commands import built
from generator.rendering.handbook.book import FOLDER
from generator.rendering.userdata import Rendered

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CASES = sorted(path.parent.name for path in HERE.glob("*/site.yaml"))
SITES = sorted(path.parent.name for path in (ROOT / "bundles").glob("*/site.yaml"))


def rendered(spec: Path) -> dict[str, Rendered]:
    run = pipeline.run(spec)
    assert run.rendered and not run.failed, [f.message for f in run.findings]
    return {
        f"{node}/{file.path}".lstrip("/"): file
        for node, files in run.rendered.files.items()
        for file in files
        if file.committed
    }


def listing(files: dict[str, Rendered]) -> str:
    rows = (
        f"{file.mode:04o} {hashlib.sha256(file.content).hexdigest()} {path}\n"
        for path, file in sorted(files.items())
    )
    return "".join(rows)


def shown(path: str) -> bool:
    name = path.rpartition("/")[2]
    if path.startswith(f"{FOLDER}/") or "/usr/local/lib/" in path:
        return False
    return name not in ("apply", "user-data", "SHA256SUMS")


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, update: bool) -> None:
    files = rendered(HERE / case / "site.yaml")
    expected = HERE / case / "expected"
    if update:
        shutil.rmtree(expected, ignore_errors=True)
        for path, file in files.items():
            if shown(path):
                (expected / path).parent.mkdir(parents=True, exist_ok=True)
                (expected / path).write_bytes(file.content)
        (HERE / case / "FILES").write_text(listing(files))
    on_disk = {str(p.relative_to(expected)) for p in expected.rglob("*") if p.is_file()}
    assert on_disk == {path for path in files if shown(path)}
    for path in sorted(on_disk):
        assert files[path].content.decode() == (expected / path).read_text("utf-8"), path
    assert listing(files) == (HERE / case / "FILES").read_text()


@pytest.mark.parametrize("site", SITES)
def test_committed_bundles_are_what_their_spec_says(site: str) -> None:
    run = pipeline.run(ROOT / "bundles" / site)
    built.compared(run, ROOT / "bundles" / site)
    assert not run.failed, [f.message for f in run.findings]
