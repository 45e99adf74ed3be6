"""Every shape of a volume is formed for real, and verified: arbiter, dispersed, distributed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.site import bad, build, run, running, settled
from verify.lab.site import Lab

pytestmark = pytest.mark.live
SPEC = Path(__file__).parent / "shapes/site.yaml"


@pytest.fixture
def shapes(tmp_path: Path) -> Iterator[Lab]:
    build(tmp_path, SPEC.read_text("utf-8"))
    with running(tmp_path) as made:
        yield made


def test_every_shape_forms_and_its_predictions_hold(shapes: Lab) -> None:
    assert not bad(settled("--active", folder=shapes.folder))
    run(shapes, "shape1", "echo text > /srv/votes/f && echo text > /srv/coded/f")
    # `stook plan` says that each goes on with any one node down
    shapes.kill("shape2")
    assert run(shapes, "shape3", "cat /srv/votes/f && cat /srv/coded/f", 90) == "text\ntext\n"
    run(shapes, "shape3", "echo more >> /srv/wide/g && echo more >> /srv/votes/f", 90)
    # and that none does with two: clients get an error, not an empty directory
    shapes.kill("shape1")
    for path in ("/srv/votes/f", "/srv/coded/f", "/srv/wide/g"):
        assert shapes.exec("shape3", f"echo lost >> {path}", 90).code not in (0, None)
