"""A platform is complete by what the components declare, and they use nothing else of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from generator import pipeline, platforms
from generator.components import TABLE
from generator.language.findings import dotted
from tests.reading import from_yaml
from tests.unit import madeup

ROOT = Path(__file__).parents[2]
SITES = sorted(
    path for home in ("bundles", "tests/golden") for path in (ROOT / home).glob("*/site.yaml")
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A copy of the platforms that may be changed."""
    with madeup.copied(tmp_path) as copy:
        yield copy


def needs() -> list[type[platforms.Needs]]:
    return [needs for entry in TABLE if (needs := entry.load().platform)]


@pytest.mark.parametrize("name", platforms.names())
def test_every_platform_has_what_every_component_needs(name: str) -> None:
    assert len(needs()) == len(TABLE)
    for entry in TABLE:
        platform, component = platforms.load(name, (entry.platforms,)), entry.load()
        assert component.platform and not list(platforms.lacking(platform, component.platform))


@pytest.mark.parametrize("site", SITES, ids=[path.parent.name for path in SITES])
def test_components_use_nothing_that_they_do_not_declare(site: Path, folder: Path) -> None:
    """With platforms of that alone a site comes to the same, but for quirks, which are optional."""
    whole = pipeline.run(site)
    for name in platforms.names():
        found = platforms.load(name)
        less = platforms.reduced(found, *needs()).model_dump()
        data = less | {"quirks": found.quirks}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(data))
    madeup.clear()
    some = pipeline.run(site)
    assert whole.rendered and some.rendered == whole.rendered


def test_what_a_platform_lacks_is_told_with_key_and_component(folder: Path, tmp_path: Path) -> None:
    data = from_yaml((folder / "debian-12.yaml").read_text())
    del data["units"]["gluster"], data["packages"]["nginx"]
    (folder / "debian-12.yaml").write_text(yaml.safe_dump(data | {"paths": {}}))
    found = [f for f in pipeline.run(ROOT / "bundles/ha-wordpress").findings if f.rule == "P102"]
    assert {dotted(f.path) for f in found} == {"platform"}
    told = {f.message for f in found}
    assert "debian-12 has no `units.gluster`, which gluster needs" in told
    assert "debian-12 has no `packages.nginx`, which web needs" in told
    assert "debian-12 has no `paths.fail2ban`, which fail2ban needs" in told


def test_a_platform_need_not_have_what_is_on_none_of_its_nodes(
    folder: Path, tmp_path: Path
) -> None:
    data = from_yaml((folder / "debian-13.yaml").read_text())
    data["packages"] = {k: v for k, v in data["packages"].items() if not k.startswith("gluster")}
    data["platform"] = "other-1"
    (folder / "other-1.yaml").write_text(yaml.safe_dump(data))
    madeup.clear()
    base = from_yaml((ROOT / "bundles/ha-wordpress/site.yaml").read_text())
    base["nodes"]["apart"] = {"address": "10.77.0.99", "platform": "other-1"}
    for key in ("gluster", "web", "fail2ban"):
        base[key]["nodes"] = "node-gfs[1:3]"
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(base))
    assert not [f for f in pipeline.run(tmp_path).findings if f.rule == "P102"]
    base["gluster"]["nodes"] = ["node-gfs[1:3]", "apart"]
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(base))
    found = [f for f in pipeline.run(tmp_path).findings if f.rule == "P102"]
    assert {dotted(f.path) for f in found} == {"nodes.apart.platform"}


# A name of a distribution, of its accounts or of its tools.
NAMED = re.compile(r"debian|ubuntu|www-data|\badm\b|\bapt\b|apt-get|dpkg|\brpm\b|\bdnf\b", re.I)
# Where one may stand outside of the platforms and the lab, and how often.
MAY_NAME = {
    # which package manager a node has is asked on the node
    "verify/readers/packages.py": 3,
    "verify/readers/states.py": 6,
    "verify/probes/states.py": 7,
    # a family names the kinds that ask its own database; what is run is never a bundle's word
    "verify/kinds/package_files.py": 7,
    "verify/kinds/repositories.py": 1,
    "verify/probes/apt_sources.py": 15,
    "verify/probes/packaged.py": 3,
    "verify/probes/startup.py": 1,
    # words of rules: they cite who documents it, and the conflict that packages declare
    "generator/components/base/rules.py": 1,
    "generator/components/firewall/rules.py": 2,
    # a keyword that a distribution's sshd has
    "verify/readers/sshd_settings.py": 1,
}


def test_no_distribution_is_named_outside_of_the_platforms() -> None:
    found = {}
    for room in ("generator", "verify"):
        for path in (ROOT / room).rglob("*"):
            name = str(path.relative_to(ROOT))
            if name.startswith(("generator/platforms/", "verify/lab/")) or not path.is_file():
                continue
            if path.suffix != ".pyc":
                lines = path.read_text("utf-8").splitlines()
                found[name] = sum(bool(NAMED.search(line)) for line in lines)
    assert {name: count for name, count in found.items() if count} == MAY_NAME


def test_a_daemons_account_is_nobody_who_logs_in(tmp_path: Path) -> None:
    spec = from_yaml((ROOT / "tests/unit/architecture/base.yaml").read_text())
    spec["admins"] = {"www-data": spec["admins"]["ops"]}
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(spec))
    found = [f for f in pipeline.run(tmp_path).findings if f.rule == "N115"]
    assert [dotted(f.path) for f in found] == ["admins.www-data"]


# Bytes that are nobody's key, in the form of one.
PGP = """-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEZQAAABYJKwYBBAHaRw8BAQdAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRob
HB0eHyA=
=n0AW
-----END PGP PUBLIC KEY BLOCK-----
"""


def test_a_repository_is_written_down_by_the_family_of_the_platform(
    folder: Path, tmp_path: Path
) -> None:
    madeup.add(folder)
    spec = from_yaml((ROOT / "tests/unit/architecture/base.yaml").read_text())
    spec["platform"] = madeup.NAME
    uri = "https://repo.example.internal/el9"
    spec["repositories"] = {"own": {"uri": uri, "suites": ["el9"], "key": PGP, "priority": 5}}
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(spec))
    made = pipeline.run(tmp_path)
    assert made.rendered and not made.failed, [f.message for f in made.findings]
    files = {file.path: file.content.decode() for file in made.rendered.files["n1"]}
    assert not [path for path in files if "/etc/apt" in path]
    assert f"baseurl={uri}\n" in files["rootfs/etc/yum.repos.d/stook-own.repo"]
    assert "repository\t/etc/yum.repos.d/stook-own.repo\n" in files["plan.tsv"]


# What is wrong with a platform's own file, or with what a component adds to it.
UNUSABLE: dict[str, tuple[str, str]] = {
    "a field is missing": ("os", "madeup-2.yaml: `os`: Field required"),
    "a value of another type": ("firewall: ufw", "`firewall`"),
    "an unknown field": ("colour: red", "`colour`"),
    "no such family": ("family: pacman", "there is no family pacman"),
    "another's name": ("platform: debian-12", "debian-12 is not the file's name"),
    "no YAML": ("[", "madeup-2.yaml: while "),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_platform_that_cannot_be_used_is_a_finding(
    case: str, folder: Path, tmp_path: Path
) -> None:
    change, message = UNUSABLE[case]
    data = from_yaml((folder / "debian-12.yaml").read_text()) | {"platform": "madeup-2"}
    key, _, value = change.partition(": ")
    if value:
        data[key] = value
    else:
        data.pop(key, None)
    text = yaml.safe_dump(data) + (change if change == "[" else "")
    (folder / "madeup-2.yaml").write_text(text)
    madeup.clear()
    base = (ROOT / "tests/unit/architecture/base.yaml").read_text()
    (tmp_path / "site.yaml").write_text(f"{base}platform: madeup-2\n")
    (finding,) = pipeline.run(tmp_path).findings
    assert (finding.rule, finding.path) == ("P103", ("platform",)) and finding.span
    assert message in finding.message


# What a component's own file may not say.
ADDED = (
    "colour: {a: b}",
    "os: {id: other}",
    "paths: text",
    "paths: {chrony: /x}",
    "paths: {a: 3}",
    "- a",
    "",
)


@pytest.mark.parametrize("text", ADDED)
def test_a_component_adds_to_a_platform_and_changes_nothing_of_it(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "debian-12.yaml").write_text(text)
    with pytest.raises(platforms.Unusable, match=r"debian-12\.yaml"):
        platforms.load("debian-12", (tmp_path,))


def test_a_table_that_is_not_there_is_an_empty_one(folder: Path, tmp_path: Path) -> None:
    data = from_yaml((folder / "debian-12.yaml").read_text())
    del data["paths"]
    (folder / "debian-12.yaml").write_text(yaml.safe_dump(data))
    madeup.clear()
    base = (ROOT / "tests/unit/architecture/base.yaml").read_text()
    (tmp_path / "site.yaml").write_text(base)
    assert {finding.rule for finding in pipeline.run(tmp_path).findings} == {"P102"}
