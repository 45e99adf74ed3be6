"""The table of volume options: what glusterd takes, and what each changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline, platforms
from generator.components.gluster.layout import HEAL, PRIVILEGED, QUORUM, SMALL_FILES
from generator.components.gluster.options import KINDS, VOLUME, Option, volume_options
from generator.components.gluster.values import FORMS, refusal
from generator.planning.plan import SitePlan
from tests.outcomes import site
from tests.reading import from_yaml

SAMPLES = Path(__file__).parents[1] / "samples"
RELEASES = ("10.3", "11.1")
PLACES = {"set": 3, "data": 2, "heal": 60}
OURS = (VOLUME, *KINDS)
# It depends on more than the value: on other options, on the node's disk, on the volume.
DEPENDS = {"cluster.lock-migration", "features.trash-dir", "server.statedump-path"}
VALID = {
    "any": "x",
    "bool": "on",
    "int": "1",
    "size": "8MB",
    "time": "42",
    "percent": "5",
    "percent-or-size": "5%",
    "path": "/var/tmp",
    "addresses": "*",
    "subvolume": "copies-client-0",
    "hidden-name": ".snaps",
}
# A value of each option that changes something, where `on` does not.
CHANGING = {
    "auth.allow": "192.0.2.1",
    "auth.reject": "10.84.0.11",
    "auth.ssl-allow": "somebody",
    "client.bind-insecure": "on",
    "cluster.disperse-self-heal-daemon": "off",
    "cluster.quorum-count": "2",
    "cluster.quorum-type": "none",
    "cluster.self-heal-daemon": "off",
    "cluster.server-quorum-type": "server",
    "disperse.quorum-count": "3",
    "network.ping-timeout": "7",
    "transport.address-family": "inet6",
}
# What each of these needs beside it to mean anything.
BESIDE = {
    "auth.ssl-allow": {"client.ssl": "on", "server.ssl": "on"},
    "cluster.quorum-count": {"cluster.quorum-type": "fixed"},
    "cluster.server-quorum-type": {"cluster.quorum-type": "none"},
}


@pytest.mark.parametrize("name", platforms.names())
def test_a_platform_s_release_takes_what_is_set_by_itself(name: str) -> None:
    known = volume_options(platforms.load(name).versions["glusterfs"])
    for option, value in {**SMALL_FILES, **QUORUM, **HEAL, **PRIVILEGED}.items():
        one = known[option]
        assert one.scope in OURS and not refusal(one.form, one.limits, value, PLACES)


@pytest.mark.parametrize("release", RELEASES)
def test_what_glusterd_refuses_is_refused(release: str) -> None:
    known = volume_options(release)
    text = (SAMPLES / f"gluster-{release}-volume-set.tsv").read_text("utf-8")
    wrong = []
    for line in text.splitlines():
        name, value, said = line.split("\t")
        one = known[name]
        ours = one.scope not in OURS or refusal(one.form, one.limits, value, PLACES)
        if said == "refused" and not ours and name not in DEPENDS:
            wrong.append(line)
    assert not wrong


@pytest.mark.parametrize("release", RELEASES)
def test_every_option_was_tried_and_has_a_value_that_is_taken(release: str) -> None:
    text = (SAMPLES / f"gluster-{release}-volume-set.tsv").read_text("utf-8")
    tried = {line.split("\t")[0] for line in text.splitlines()}
    known = volume_options(release)
    assert tried == known.keys()
    assert {one.form for one in known.values()} <= {*FORMS, "choice"}
    assert not [one.name for one in known.values() if refused(one, valid(one))]


def refused(option: Option, value: str) -> str:
    return refusal(option.form, option.limits, value, PLACES)


def valid(option: Option) -> str:
    """Some value that it takes."""
    if option.form == "choice":
        return option.limits.split()[0]
    low, _, high = option.limits.partition("..")
    bounds = [str(PLACES.get(end, end)) for end in (VALID[option.form], low, high) if end]
    return next(value for value in bounds if not refused(option, value))


def planned(folder: Path, options: dict[str, str]) -> tuple[SitePlan | None, list[str]]:
    """The plan of a site with an arbiter, three copies and parts, which all have these options."""
    spec: dict[str, Any] = from_yaml(site())
    known = volume_options("10.3")
    for volume in spec["gluster"]["volumes"].values():
        kind = "disperse" if "disperse" in volume else "replicate"
        volume["options"] |= {
            name: value
            for name, value in options.items()
            if known[name].scope == kind or known[name].scope not in KINDS
        }
    (folder / "site.yaml").write_text(yaml.safe_dump(spec), "utf-8")
    made = pipeline.run(folder)
    return made.plan, sorted({finding.rule for finding in made.findings})


def facts(plan: SitePlan) -> tuple[object, ...]:
    """All that is expected and predicted, but the options as such."""
    wants = [
        (one.id, one.want)
        for ones in plan.expectations.values()
        for one in ones
        if "/gluster_volume/" not in one.id and one.id.split("/")[1] not in ("file", "stamp")
    ]
    return wants, plan.predictions


def test_what_is_said_to_change_nothing_changes_nothing(tmp_path: Path) -> None:
    base, before = planned(tmp_path, {})
    each = {
        one.name: valid(one)
        for one in volume_options("10.3").values()
        if one.changes == "nothing" and one.scope == VOLUME
    }
    plan, after = planned(tmp_path, each)
    assert base and plan, after
    assert facts(plan) == facts(base) and after == before


@pytest.mark.parametrize(
    "name", [one.name for one in volume_options("10.3").values() if one.changes != "nothing"]
)
def test_what_is_said_to_change_something_does(name: str, tmp_path: Path) -> None:
    beside = BESIDE.get(name, {})
    base, before = planned(tmp_path, beside)
    plan, after = planned(tmp_path, {**beside, name: CHANGING.get(name, "on")})
    assert after != before or (base and plan and facts(plan) != facts(base))
