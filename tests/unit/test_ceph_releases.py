"""What a release of Ceph is follows from the platform: ports, options, its own pool, its health."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline, platforms
from generator.claims import Port
from generator.components.ceph.health import health
from generator.components.ceph.layout import RELEASES, resolve
from generator.components.ceph.options import options, releases
from generator.pipeline import Run
from tests.reading import from_yaml

STARTER = Path(__file__).parents[2] / "bundles/ceph-starter/site.yaml"


def starter(folder: Path, platform: str, **ceph: Any) -> Run:
    spec = from_yaml(STARTER.read_text()) | {"platform": platform}
    spec["ceph"] |= ceph
    return run(folder, spec)


def run(folder: Path, spec: dict[str, Any]) -> Run:
    (folder / "site.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return pipeline.run(folder / "site.yaml")


def found(this: Run) -> set[str]:
    return {finding.rule for finding in this.findings if not finding.accepted}


def test_every_platforms_release_is_known_with_its_options() -> None:
    have = {platforms.load(name).versions["ceph"].partition(".")[0] for name in platforms.names()}
    assert have == set(RELEASES)
    assert {release.name for release in RELEASES.values()} == set(releases())
    for release in RELEASES.values():
        some = {"ms_bind_port_max", "mon_host", "osd_crush_chooseleaf_type"}
        assert some <= options(release.name).keys()


@pytest.mark.parametrize(("platform", "last"), [("debian-12", 7300), ("debian-13", 7568)])
def test_daemons_take_the_ports_of_their_release(tmp_path: Path, platform: str, last: int) -> None:
    this = starter(tmp_path, platform)
    assert this.plan
    ports = this.plan.claims.of(Port, "ceph-stor-01")
    assert {(p.first, p.last) for p in ports if p.first > 1000} == {(6800, last)}


def test_an_option_is_of_one_release_and_not_of_the_next(tmp_path: Path) -> None:
    new = {"settings": {"osd_mclock_max_sequential_bandwidth_hdd": "100M"}}
    assert "C102" in found(starter(tmp_path, "debian-12", **new))
    assert "C102" not in found(starter(tmp_path, "debian-13", **new))
    old = {"settings": {"rgw_socket_path": "/run/rgw"}}
    assert "C102" not in found(starter(tmp_path, "debian-12", **old))
    assert "C102" in found(starter(tmp_path, "debian-13", **old))


def test_a_release_is_the_platforms_or_a_finding(tmp_path: Path) -> None:
    assert "C108" not in found(starter(tmp_path, "debian-13", release="reef"))
    assert "C108" in found(starter(tmp_path, "debian-13", release="pacific"))
    assert "C108" in found(starter(tmp_path, "debian-12", release="reef"))


def test_two_releases_in_one_cluster_are_a_finding(tmp_path: Path) -> None:
    spec = from_yaml(STARTER.read_text())
    spec["nodes"]["ceph-stor-01"]["platform"] = "debian-13"
    mixed = [f for f in run(tmp_path, spec).findings if f.rule == "C108"]
    assert [f.path for f in mixed] == [("nodes", "ceph-stor-01")]


def test_managers_without_modules_are_predicted_and_make_no_pool(tmp_path: Path) -> None:
    three = {"settings": {"auth_allow_insecure_global_id_reclaim": "false"}, "pools": {}}
    for platform, broken in (("debian-12", False), ("debian-13", True)):
        this = starter(tmp_path, platform, **three)
        assert this.plan
        seen = resolve(this.plan.site)
        assert seen and seen.modules is not broken
        must = set(health(seen).must)
        assert ("MGR_MODULE_DEPENDENCY" in must) is broken
        # with no pool of the spec, what is undersized can only be the release's own
        assert ("PG_DEGRADED" in must) is not broken


def test_settings_are_expected_as_daemons_show_them(tmp_path: Path) -> None:
    given = {"client_shutdown_timeout": "2 min", "osd_memory_target": "4G"}
    safe = {"auth_allow_insecure_global_id_reclaim": "false"}
    this = starter(tmp_path, "debian-12", settings=given | safe)
    assert this.plan and this.rendered
    wants = [
        one.want["settings"]
        for one in this.plan.expectations["ceph-stor-01"]
        if one.id.split("/")[1] == "ceph_config"
    ]
    assert wants
    for want in wants:
        assert want["client_shutdown_timeout"] == "120"
        assert want["osd_memory_target"] == str(4 << 30)


def test_a_full_ratio_bounds_the_room(tmp_path: Path) -> None:
    safe = {
        "auth_allow_insecure_global_id_reclaim": "false",
        "mon_osd_nearfull_ratio": "0.7",
        "mon_osd_backfillfull_ratio": "0.75",
    }
    for ratio, room in (("0.95", "47.5 %"), ("0.8", "40 %")):
        this = starter(tmp_path, "debian-12", settings={"mon_osd_full_ratio": ratio, **safe})
        assert this.plan
        whole = next(row for row in this.plan.predictions if row.down == "nothing")
        assert f"room for {room} of all OSD space" in whole.why


@pytest.mark.parametrize(("platform", "warns"), [("debian-12", False), ("debian-13", True)])
def test_a_release_that_warns_of_slow_disks_may_do_so(
    tmp_path: Path, platform: str, warns: bool
) -> None:
    this = starter(tmp_path, platform)
    assert this.plan
    cluster = resolve(this.plan.site)
    assert cluster
    slow = {"BLUESTORE_SLOW_OP_ALERT", "BLOCK_DEVICE_STALLED_READ_ALERT"}
    assert slow & set(health(cluster).may) == (slow if warns else set())
