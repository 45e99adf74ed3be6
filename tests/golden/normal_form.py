"""What a site comes to, apart from the form in which it is written down.

A recording holds, for one spec, every file and block that lands on a node, every expectation and
every prediction, each by its digest, so that a difference has a name. Recordings are data: they
were made before the code was rebuilt and are the proof that it still says the same. The functions
here read the pipeline's values and may follow their types.

    python -m tests.golden.normal_form    record specs that have no recording yet
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator import pipeline
from generator.rendering.render import RenderedSite
from verify import serialization

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECORDINGS = HERE / "normal_form"
# Programs of ours: what they do is tested by running them, and their text may change.
PROGRAMS = "/usr/local/lib/stook/"

Form = dict[str, dict[str, Any]]


def specs() -> dict[str, Path]:
    """Every reference site and golden case by the name of its recording."""
    sites = {f"bundles-{p.parent.name}": p for p in (ROOT / "bundles").glob("*/site.yaml")}
    cases = {f"golden-{p.parent.name}": p for p in HERE.glob("*/site.yaml")}
    return dict(sorted((sites | cases).items()))


def form(spec: Path) -> Form:
    """`files`, `expectations` and `predictions` of a spec, each name with a digest."""
    run = pipeline.run(spec)
    assert run.rendered and not run.failed, [f.message for f in run.findings]
    lists = _site(run.rendered)["lists"]
    return {
        "files": dict(sorted(_files(run.rendered))),
        "expectations": dict(sorted(_expectations(run.rendered, lists))),
        "predictions": dict(sorted(_predictions(_site(run.rendered)))),
    }


def _files(rendered: RenderedSite) -> Iterator[tuple[str, str]]:
    for node, files in rendered.files.items():
        for file in files:
            if file.path.startswith(("rootfs/", "blocks/")) and PROGRAMS not in file.path:
                yield f"{node}/{file.path}", hashlib.sha256(file.content).hexdigest()[:16]


def _expectations(
    rendered: RenderedSite, lists: Mapping[str, Any]
) -> Iterator[tuple[str, list[str]]]:
    """Id, then the five things that it says: want, level, phase, needs and within."""
    for node, files in rendered.files.items():
        if not node:
            continue
        (content,) = (file.content for file in files if file.path == "manifest.json")
        for one in json.loads(content)["expectations"]:
            want = serialization.resolve(one["want"], lists)
            if PROGRAMS in want.get("path", ""):
                want.pop("sha256", None)
            want.pop("bundle_digest", None)
            needs = sorted(one["needs"])
            yield (
                one["id"],
                [_digest(want), one["level"], one["phase"], _digest(needs), one["within"]],
            )


def _predictions(site: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The one adapter: a prediction's name, and all that it says."""
    for row in site["predictions"]:
        yield f"{row['component']}: {row['subject']} without {row['down']}", _digest(row)


def _site(rendered: RenderedSite) -> dict[str, Any]:
    (content,) = (file.content for file in rendered.files[""] if file.path == "site.json")
    found: dict[str, Any] = json.loads(content)
    return found


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write(place: Path, found: Form) -> None:
    """One name a line, so that a recording can be read and searched."""
    parts = []
    for title, rows in found.items():
        lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in rows.items())
        parts.append(f" {json.dumps(title)}: {{\n{lines}\n }}" if lines else f' "{title}": {{}}')
    place.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")


def main() -> None:
    """Record what has no recording; one that is there is never written again."""
    for name, spec in specs().items():
        place = RECORDINGS / f"{name}.json"
        if not place.exists():
            write(place, form(spec))
            print(f"recorded {place.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
