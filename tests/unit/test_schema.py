"""The JSON Schema takes what `check` takes, as a public validator judges; editors live by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings

from generator.commands import scaffolding
from generator.commands.cli import main
from generator.language import source
from generator.language.decode import decode
from generator.language.schema import schema
from tests.examples import examples
from tests.golden.test_properties import specs
from tests.reading import from_yaml
from tests.rules.test_rules import CASES, load, write

ROOT = Path(__file__).parents[2]
WHOLE = schema()
VALIDATOR = jsonschema.Draft202012Validator(WHOLE)
BASE = from_yaml((ROOT / "tests/rules/base.yaml").read_text("utf-8"))


def wrong(data: object) -> list[str]:
    """What the public validator says of a spec."""
    return [f"{'.'.join(map(str, e.path))}: {e.message}" for e in VALIDATOR.iter_errors(data)]


def refusals(path: Path) -> list[str]:
    """The rules by which a spec is no spec at all."""
    read = source.read(path)
    found = read.findings or decode(read)[1]
    return [one.rule for one in found]


def properties(part: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of a schema, with what is said of it."""
    if isinstance(part, dict):
        for key, item in part.get("properties", {}).items():
            yield f"{path}.{key}", item
        for key, item in part.items():
            yield from properties(item, f"{path}.{key}" if key != "properties" else path)
    elif isinstance(part, list):
        for item in part:
            yield from properties(item, path)


def test_it_is_a_schema_with_a_name_and_says_what_every_key_means() -> None:
    jsonschema.Draft202012Validator.check_schema(WHOLE)
    assert WHOLE["$id"] == "urn:stook:site:1"
    keys = list(properties(WHOLE))
    assert len(keys) > 100
    assert not [path for path, item in keys if len(item.get("description", "")) < 8]


@pytest.mark.parametrize("site", sorted((ROOT / "bundles").glob("*/site.yaml")), ids=str)
def test_reference_sites_are_valid(site: Path) -> None:
    assert not wrong(from_yaml(site.read_text("utf-8")))


@pytest.mark.parametrize("name", CASES)
def test_what_decodes_is_valid_and_what_has_unknown_keys_is_not(name: str, tmp_path: Path) -> None:
    for side in ("bad", "good"):
        path = write(load(name)[side], tmp_path)
        text = path.read_text("utf-8")
        refused = refusals(path)
        if not refused:
            assert not wrong(from_yaml(text)), name
        elif set(refused) <= {"S101", "S102"}:
            assert wrong(from_yaml(text)), name


@settings(max_examples=examples(40))
@given(specs())
def test_made_up_specs_are_valid(made: dict[str, Any]) -> None:
    assert not wrong(made)
    assert not wrong(from_yaml(yaml.safe_dump(made)))


@pytest.mark.parametrize("web", [[], ["--wordpress", "http://www.example.com"]], ids=["", "web"])
def test_what_new_writes_is_valid_and_its_first_line_leads_editors_here(
    web: list[str], tmp_path: Path
) -> None:
    done = CliRunner().invoke(main, ["new", str(tmp_path / "shop"), *web])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "shop/site.yaml").read_text("utf-8")
    assert not wrong(from_yaml(text))
    comment, _, name = text.splitlines()[0].partition("$schema=")
    assert comment == "# yaml-language-server: "
    assert json.loads((tmp_path / "shop" / name).read_text("utf-8")) == WHOLE
    assert name == scaffolding.SCHEMA


AS_WRITTEN: dict[str, tuple[tuple[str | int, ...], object]] = {
    "a name alone": (("disks", "b1", "nodes"), "n1"),
    "a number as a name": (("nodes", "x1", "zone"), 12),
    "a fraction as a name": (("nodes", "x1", "zone"), 1.5),
    "a boolean as a name": (("nodes", "x1", "zone"), True),
    "a network alone": (("networks", "storage"), "10.77.9.0/24"),
    "nothing": (("nodes", "x1", "zone"), None),
    "jails": (
        ("fail2ban",),
        {"jails": {"x": {"watch": "sshd", "maxretry": 5, "findtime": 600, "bantime": "1h"}}},
    ),
    "jails that say more": (
        ("fail2ban",),
        {
            "jails": {
                "x": {
                    "watch": {"name": "wordpress-xmlrpc", "statuses": [401, "4xx"]},
                    "maxretry": 5,
                    "findtime": 600,
                    "bantime": "1h",
                    "increment": False,
                }
            }
        },
    ),
    "waivers": (
        ("accept",),
        from_yaml("[{rule: G112, where: nodes, reason: r, by: ops, until: 2026-12-31}]"),
    ),
    "a device for each node": (
        ("disks", "b2"),
        {
            "nodes": ["n1", "n2", "n3"],
            "device": {"n1": "/dev/xvdg", "n[2:3]": "/dev/xvdh"},
            "mount": "/bricks/b2",
            "uuid": {"n1": "6f1c0f5e-6c1b-4b0e-9d57-0c9a6b7f2d12"},
        },
    ),
    "a brick for each node": (
        ("gluster", "volumes", "wp", "brick"),
        {"n1": "b1/gv", "n[2:3]": ["b2/gv"]},
    ),
    "OSDs": (
        ("ceph",),
        {"mon": "n1", "mgr": ["n1"], "osd": {"n1": ["b2", {"device": "/dev/xvdh", "id": 3}]}},
    ),
}


@pytest.mark.parametrize("name", AS_WRITTEN)
def test_what_may_be_written_in_more_than_one_way_may_be_so_here(name: str, tmp_path: Path) -> None:
    path, value = AS_WRITTEN[name]
    data = json.loads(json.dumps(BASE))
    place = data
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    assert not wrong(data)
    text = yaml.safe_dump(data, sort_keys=False)
    assert not refusals(write({"text": text}, tmp_path))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("nodes", "x1", "zone"), ["a"]),
        (("disks", "b1", "nodes"), {"n1": None}),
        (("disks", "b1", "device"), ["/dev/xvdg"]),
        (("disks", "b1", "device"), {"n1": ["/dev/xvdg"]}),
        (("disks", "b1", "uuid"), {"n1": ["x"]}),
        (("gluster", "volumes", "wp", "brick"), {"n1": {"n2": "b1/gv"}}),
        (("stook",), 2),
        (("services", "exporter", "ports"), "9100"),
        (("nodes", "x1", "adress"), "10.77.0.9"),
        (("accept",), [{"rule": "G112", "where": "x", "reason": "r", "by": "b", "until": []}]),
    ],
    ids=str,
)
def test_what_is_wrong_is_wrong_here(path: tuple[str, ...], value: object) -> None:
    data = json.loads(json.dumps(BASE))
    place = data
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    assert wrong(data)
