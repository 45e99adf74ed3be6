"""What the rule of failure domains says of a cluster, by hand-made examples."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from generator import pipeline
from generator.claims import Claims
from generator.components.ceph import layout
from generator.components.ceph.health import health
from generator.components.ceph.layout import Layout
from generator.components.ceph.model import Ceph
from generator.components.ceph.placement import (
    copies,
    in_use,
    moved,
    outage,
    per_osd,
    serves,
    states,
    unplanned,
    usable,
)
from generator.components.ceph.predictions import predict, status_messages
from generator.language import source
from generator.language.decode import decode
from generator.planning.resolve import resolve
from generator.planning.site import Site
from tests.reading import from_yaml
from verify.contract import Prediction

BUNDLES = Path(__file__).parents[2] / "bundles"


def cluster(folder: Path, hosts: list[int], domain: str, **pool: Any) -> Layout:
    """The layout of a cluster with so many OSDs on each host, and one pool."""
    return on(made(folder, hosts, domain, **pool))


def on(site: Site) -> Layout:
    """A site's cluster."""
    found = layout.resolve(site)
    assert found is not None
    return found


def predicted(site: Site) -> dict[str, Prediction]:
    """Its predictions by what is down; of several pools the last one's."""
    return {row.down: row for row in predict(site, on(site), Claims(), ())}


def setting(site: Site, name: str, value: str) -> None:
    """Change an option of a site that is there already."""
    spec = site.spec.part(Ceph)
    assert spec is not None
    spec.settings[name] = value


def made(folder: Path, hosts: list[int], domain: str, **pool: Any) -> Site:
    """Its site."""
    names = [f"s{number}" for number in range(len(hosts))]
    disks = {
        f"d{number}": {
            "nodes": [name for name, count in zip(names, hosts, strict=True) if count > number],
            "device": f"/dev/vd{chr(98 + number)}",
            "mount": f"/ceph/d{number}",
        }
        for number in range(max(hosts))
    }
    spec = {
        "stook": 1,
        "site": "made",
        "identity": "3c0d6d0e-5b6f-4a53-9a6e-7d1f0c2b8e41",
        "networks": {"internal": "10.79.0.0/24"},
        "nodes": {
            "mon": {"address": "10.79.0.10"},
            **{name: {"address": f"10.79.0.{20 + n}"} for n, name in enumerate(names)},
        },
        "disks": disks,
        "ceph": {
            "mon": "mon",
            "mgr": "mon",
            "osd": {
                name: [f"d{number}" for number in range(count)]
                for name, count in zip(names, hosts, strict=True)
            },
            "failure_domain": domain,
            "pools": {"data": {"application": "rbd", **pool}},
            "settings": {"auth_allow_insecure_global_id_reclaim": False},
        },
    }
    return resolved(folder, spec)


def laid_out(folder: Path, spec: dict[str, Any]) -> Layout:
    """The layout of a spec, whatever the rules say of it."""
    return on(resolved(folder, spec))


def resolved(folder: Path, spec: dict[str, Any]) -> Site:
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    decoded, wrong = decode(source.read(path))
    assert decoded is not None, wrong
    return resolve(decoded, "")[0]


def test_the_worked_example(tmp_path: Path) -> None:
    """4 OSDs, 3 copies, 10 placement groups: what the article asks its reader to work out."""
    found = cluster(tmp_path, [1, 1, 1, 1], "host", size=3, pg_num=10)
    (pool,) = found.pools
    assert copies(found, pool) == 3
    assert states(pool, 3) == ("active", "clean")
    assert per_osd(found) == Fraction(30, 4)
    for osd in range(4):
        lost = outage(found, pool, [osd])
        # three of four OSDs are in each group: 7.5 of the 10 lose a copy, and go on with two
        assert lost.share * 10 == Fraction(15, 2)
        assert (lost.least, serves(pool, lost.least)) == (2, True)
        assert (lost.later, states(pool, lost.later)) == (3, ("active", "clean"))
    # two gone: every group has lost one, half of them two, and those are not served
    lost = outage(found, pool, [0, 1])
    assert lost.share == 1
    assert (lost.least, serves(pool, lost.least), lost.later) == (1, False, 2)
    assert set(health(found).must) == {"POOL_PG_NUM_NOT_POWER_OF_TWO"}


@pytest.mark.parametrize(
    ("hosts", "domain", "count", "words"),
    [
        ([2], "host", 1, "undersized peered"),
        ([2], "osd", 2, "active undersized"),
        ([3], "host", 1, "undersized peered"),
        ([3], "osd", 3, "active clean"),
        ([1, 1], "host", 2, "active undersized"),
        ([1, 1, 1], "host", 3, "active clean"),
        ([1], "osd", 1, "undersized peered"),
    ],
)
def test_copies_are_places(
    tmp_path: Path, hosts: list[int], domain: str, count: int, words: str
) -> None:
    found = cluster(tmp_path, hosts, domain, size=3, pg_num=64)
    (pool,) = found.pools
    assert (pool.min_size, copies(found, pool)) == (2, count)
    assert states(pool, count) == tuple(words.split())
    shown = health(found).must
    assert ("PG_DEGRADED" in shown) == (count < 3)
    assert ("PG_AVAILABILITY" in shown) == (count < 2)
    assert ("TOO_FEW_OSDS" in shown) == (sum(hosts) < 3)


@given(some.integers(1, 6), some.integers(1, 4), some.sets(some.integers(0, 5), min_size=1))
def test_the_share_is_what_counting_every_choice_gives(
    count: int, size: int, down: set[int]
) -> None:
    absent = {number for number in down if number < count}
    with tempfile.TemporaryDirectory() as folder:
        found = cluster(Path(folder), [1] * count, "host", size=size, pg_num=8)
    (pool,) = found.pools
    choices = list(combinations(range(count), min(size, count)))
    hit = [choice for choice in choices if absent & set(choice)]
    lost = outage(found, pool, absent)
    assert lost.share == Fraction(len(hit), len(choices))
    worst = min(len(set(choice) - absent) for choice in choices)
    assert lost.least <= worst
    assert lost.later == min(size, count - len(absent))


def test_a_group_of_a_host_may_be_on_its_other_osd(tmp_path: Path) -> None:
    found = cluster(tmp_path, [2, 2, 2], "host", size=3, pg_num=64)
    (pool,) = found.pools
    lost = outage(found, pool, [0])
    assert (lost.share, lost.least, lost.later) == (Fraction(1, 2), 2, 3)
    assert outage(found, pool, [0, 1]).share == 1


def test_only_a_domain_with_several_osds_has_groups_that_moved(tmp_path: Path) -> None:
    for hosts, domain, words in (
        ([2], "host", {"active", "remapped", "undersized"}),
        ([3], "osd", set()),
        ([1, 1], "host", set()),
        ([2], "osd", set()),
        ([1], "host", set()),
    ):
        found = cluster(tmp_path, hosts, domain, size=3, pg_num=64)
        assert set(moved(found, found.pools[0])) == words, (hosts, domain)


def rows(site: str) -> dict[str, Prediction]:
    plan = pipeline.run(BUNDLES / site).plan
    assert plan is not None
    return {row.down: row for row in plan.predictions}


def test_the_starter_serves_until_something_is_down() -> None:
    found = rows("ceph-starter")
    assert found["nothing"].write and "active+undersized" in found["nothing"].why
    for down in ("osd.0", "osd.1", "node ceph-mon-01", "node ceph-stor-01"):
        assert not found[down].write and not found[down].read
    assert found["mgr on ceph-mon-01"].write


def test_the_article_never_serves() -> None:
    found = rows("ceph-article")
    assert not any(row.write or row.read for row in found.values())
    assert "undersized+peered" in found["nothing"].why
    assert "PG_AVAILABILITY" in found["nothing"].why


def told(site: str) -> dict[tuple[str, str], tuple[str, str]]:
    """When a site says something, and why."""
    plan = pipeline.run(BUNDLES / site).plan
    assert plan is not None
    ceph = plan.facts["ceph"]
    assert isinstance(ceph, dict)
    assert {said.nodes for said in plan.status_messages} == {tuple(ceph["admins"])}
    return {(said.command, said.what): (said.when, said.why) for said in plan.status_messages}


def test_what_a_newcomer_is_told_of_the_starter_and_of_the_article() -> None:
    starter, article = told("ceph-starter"), told("ceph-article")
    always = {
        ("ceph status", "quorum ceph-mon-01"),
        ("ceph status", "2 osds: 2 up, 2 in"),
        ("ceph status", "64 PGs active+undersized"),
        ("ceph osd df", "about 64 PGs on each OSD"),
    }
    assert always <= {said for said, (when, _) in starter.items() if when == "always"}
    assert ("ceph status", "64 PGs undersized+peered") in article
    assert "reads and writes wait" in article["ceph status", "64 PGs undersized+peered"][1]
    for found in (starter, article):
        assert found["ceph health", "HEALTH_WARN"][0] == "after 15 s at most"
        assert found["ceph health", "TOO_FEW_OSDS"][0] == "after 15 s at most"
        assert found["ceph health", "PG_DEGRADED"][0] == "after 90 s at most"
        assert found["ceph health", "MON_DISK_LOW"][0] == "maybe"
    assert ("ceph health", "PG_AVAILABILITY") in article.keys() - starter.keys()
    assert ("ceph health", "HEALTH_WARN") not in told("ceph-three")


def test_stuck_groups_are_told_of_by_the_monitors_own_threshold(tmp_path: Path) -> None:
    site = made(tmp_path, [1, 1], "osd", size=3, pg_num="auto")
    setting(site, "mon_pg_stuck_threshold", "10")
    found = {said.what: said for said in status_messages(site, on(site))}
    assert found["PG_DEGRADED"].within == 40
    assert "all PGs active+undersized" in found
    assert not any(what.endswith("on each OSD") for what in found)  # the autoscaler's affair


def test_options_that_the_release_warns_of_are_predicted(tmp_path: Path) -> None:
    spec = from_yaml((BUNDLES / "ceph-starter/site.yaml").read_text())
    del spec["ceph"]["settings"]
    spec["ceph"]["pools"]["rbd"] |= {"size": 1, "min_size": 1}
    must = health(laid_out(tmp_path, spec)).must
    assert {"AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED", "POOL_NO_REDUNDANCY"} <= set(must)


def test_what_is_silenced_does_not_show(tmp_path: Path) -> None:
    found = cluster(tmp_path, [1, 1], "osd", size=3, pg_num=10)
    found.spec.settings["auth_allow_insecure_global_id_reclaim"] = "1"
    reclaim, power = "AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED", "POOL_PG_NUM_NOT_POWER_OF_TWO"
    assert {reclaim, power, "TOO_FEW_OSDS"} <= set(health(found).must)
    for option in ("insecure_global_id_reclaim_allowed", "pool_pg_num_not_power_of_two"):
        found.spec.settings[f"mon_warn_on_{option}"] = "False"
    found.spec.settings["mon_warn_on_too_few_osds"] = "0"
    assert set(health(found).must) == {"PG_DEGRADED"}


def test_more_groups_than_an_osd_should_have_are_predicted(tmp_path: Path) -> None:
    """The monitors make such a pool where there are fewer than three OSDs, and complain of it."""
    for groups, shown in ((128, False), (256, True)):
        site = made(tmp_path, [1, 1], "host", size=2, min_size=2, pg_num=groups)
        setting(site, "mon_max_pg_per_osd", "200")
        found = on(site)
        assert ("TOO_MANY_PGS" in health(found).must) is shown
        setting(site, "mon_max_pg_per_osd", "0")
        assert "TOO_MANY_PGS" not in health(found).must
    found = cluster(tmp_path, [1, 1], "host", size=2, pg_num="auto")
    assert "TOO_MANY_PGS" in health(found).may


def test_what_is_never_marked_out_is_never_copied_again(tmp_path: Path) -> None:
    site = made(tmp_path, [1, 1, 1, 1], "host", size=3, pg_num=32)
    assert "copied again" in predicted(site)["osd.0"].why
    setting(site, "mon_osd_down_out_interval", "0")
    assert "copied again" not in predicted(site)["osd.0"].why
    found = on(site)
    assert "OSD_NO_DOWN_OUT_INTERVAL" in health(found).must
    setting(site, "mon_warn_on_osd_down_out_interval_zero", "false")
    assert "OSD_NO_DOWN_OUT_INTERVAL" not in health(found).must


def test_monitors_are_in_the_order_of_the_spec(tmp_path: Path) -> None:
    """A cluster begins with the first, wherever it stands among the nodes."""
    spec = from_yaml((BUNDLES / "ceph-three/site.yaml").read_text())
    spec["ceph"]["mon"] = ["ceph-mon-02", "ceph-stor-01", "ceph-mon-[01:02]"]
    found = laid_out(tmp_path, spec)
    assert found.mons == found.admins == ("ceph-mon-02", "ceph-stor-01", "ceph-mon-01")


def test_a_host_that_no_two_others_miss_is_missed_late(tmp_path: Path) -> None:
    """Two hosts must say so (mon_osd_min_down_reporters); else it is mon_osd_report_timeout."""
    for hosts, stall in (([2, 2], 900), ([2, 2, 2], 20)):
        site = made(tmp_path, hosts, "osd", size=4, min_size=2, pg_num=8)
        rows = predicted(site)
        assert (rows["node s0"].write, rows["node s0"].stall_seconds) == (True, stall)
        assert rows["osd.0"].stall_seconds == 20


def test_who_is_shut_down_takes_leave(tmp_path: Path) -> None:
    """An OSD tells a monitor; a monitor tells nobody, and the others notice by its lease."""
    site = made(tmp_path, [2, 2, 2, 2], "host", size=3, pg_num=32)
    row = predicted(site)["shutdown of s0"]
    assert (row.write, row.stall_seconds, "leave" in row.why) == (True, 2, True)
    assert "shutdown of mon" not in predicted(site)
    both = replace(on(site), mons=("s0", "s1", "s2"))
    rows = {row.down: row for row in predict(site, both, Claims(), ())}
    assert rows["shutdown of s0"].stall_seconds == 2 + 2 * 5 + 5
    setting(site, "osd_fast_shutdown_notify_mon", "false")
    assert "shutdown of s0" not in predicted(site)
    setting(site, "osd_fast_shutdown", "false")
    assert "shutdown of s0" in predicted(site)


def test_stalls_are_as_long_as_the_settings_say(tmp_path: Path) -> None:
    site = made(tmp_path, [1, 1, 1, 1], "host", size=3, pg_num=64)
    assert predicted(site)["node s0"].stall_seconds == 20
    setting(site, "osd_heartbeat_grace", "60")
    assert predicted(site)["node s0"].stall_seconds == 60
    setting(site, "mon_osd_min_down_reporters", "4")
    setting(site, "mon_osd_report_timeout", "300")
    row = predicted(site)["node s0"]
    assert row.stall_seconds == 300 and "3 other hosts" in row.why


def test_what_has_no_copy_left_is_not_copied_again(tmp_path: Path) -> None:
    rows = predicted(made(tmp_path, [1, 1], "osd", size=1, pg_num=8))
    assert "copied again" not in rows["osd.0"].why


def test_of_a_host_with_most_osds_not_all_are_marked_out(tmp_path: Path) -> None:
    """Below mon_osd_min_in_ratio, three quarters, no more are."""
    for hosts, again in (([3, 1, 1], False), ([1, 1, 1], True)):
        rows = predicted(made(tmp_path, hosts, "host", size=2, pg_num=8))
        assert ("copied again" in rows["node s0"].why) is again


def test_osds_are_numbered_in_the_order_of_the_spec_around_given_ids(tmp_path: Path) -> None:
    spec = from_yaml((BUNDLES / "ceph-starter/site.yaml").read_text())
    spec["ceph"]["osd"] = {"ceph-stor-01": [{"disk": "storage01", "id": 1}, "storage02"]}
    spec["ceph"]["osd"]["ceph-stor-01"].append({"device": "/dev/xvdz"})
    found = laid_out(tmp_path, spec)
    disks = [(osd.id, osd.disk.name if osd.disk else osd.device) for osd in found.osds]
    assert disks == [(1, "storage01"), (0, "storage02"), (2, "/dev/xvdz")]


@pytest.mark.parametrize(
    ("hosts", "domain", "size", "share"),
    [
        ([1, 1, 1], "host", 3, Fraction(1, 3)),
        ([2], "osd", 3, Fraction(1, 2)),  # two of three copies find a place
        ([3, 1, 1], "host", 3, Fraction(1, 5)),  # the small hosts are full first
        ([3, 2, 1], "host", 2, Fraction(1, 2)),
        ([4, 1, 1], "host", 2, Fraction(1, 3)),  # what the large host holds has its pair elsewhere
    ],
)
def test_room_is_what_the_failure_domains_leave(
    hosts: list[int], domain: str, size: int, share: Fraction, tmp_path: Path
) -> None:
    found = cluster(tmp_path, hosts, domain, size=size, min_size=1)
    assert usable(found, found.pools[0]) == share * Fraction(95, 100)


def test_a_pool_of_a_class_counts_its_own_osds_only(tmp_path: Path) -> None:
    """Three hosts with a fast OSD each, and a slow one on two of them."""
    site = made(tmp_path, [2, 2, 1], "host", size=3, pg_num=32)
    spec = site.spec.part(Ceph)
    assert spec is not None
    for osds in spec.osd.values():
        for number, osd in enumerate(osds):
            object.__setattr__(osd, "class_", "hdd" if number else "ssd")
    fast, slow = (spec.pools["data"].model_copy(update={"class_": one}) for one in ("ssd", "hdd"))
    spec.pools.update(data=fast, slow=slow)
    found = on(site)
    data, other = found.pools
    assert (copies(found, data), copies(found, other)) == (3, 2)
    assert states(other, 2) == ("active", "undersized")
    # a slow OSD down: the fast pool has lost nothing, the slow one is at one copy of three
    slow_one = next(osd for osd in found.osds if osd.device_class == "hdd")
    assert outage(found, data, [slow_one.id]).share == 0
    assert outage(found, other, [slow_one.id]).least == 1
    rows = {(row.subject, row.down): row for row in predict(site, found, Claims(), ())}
    assert rows["data", f"osd.{slow_one.id}"].write
    assert not rows["slow", f"osd.{slow_one.id}"].write
    # of five OSDs three are the fast pool's, and a third of their space is its data
    assert usable(found, data) == Fraction(1, 5) * Fraction("0.95")


def test_the_own_pool_of_a_release_is_counted_once_where_the_spec_names_it(tmp_path: Path) -> None:
    site = made(tmp_path, [1] * 4, "host", size=3, pg_num=32)
    before = on(site)
    assert [pool.name for pool in unplanned(before)] == ["device_health_metrics"]
    spec = site.spec.part(Ceph)
    assert spec is not None
    own = spec.pools["data"].model_copy(update={"pg_num": 1, "application": "mgr"})
    spec.pools["device_health_metrics"] = own
    after = on(site)
    assert unplanned(after) == () and in_use(after) == in_use(before)


def test_chunks_are_lost_like_copies_and_take_less_room(tmp_path: Path) -> None:
    """4+2 on seven hosts: one may fail, with two it waits; of all space two thirds are data."""
    code = {"data": 4, "coding": 2}
    site = made(tmp_path, [1] * 7, "host", erasure=code, pg_num=32)
    found = on(site)
    (pool,) = found.pools
    assert (pool.size, pool.min_size, copies(found, pool)) == (6, 5, 6)
    assert states(pool, 6) == ("active", "clean") and not moved(found, pool)
    rows = predicted(site)
    assert rows["nothing"].why.startswith("32 PGs active+clean: 6 of 6 chunks; room for 63.3 %")
    assert rows["osd.0"].write and "5 of 6 chunks at worst (active+undersized)" in rows["osd.0"].why
    assert "all are rebuilt when it is out" in rows["osd.0"].why
    two = outage(found, pool, [0, 1])
    assert two.least == 4 and not serves(pool, two.least)
    assert usable(found, pool) == Fraction("0.95") * Fraction(4, 6)


@pytest.mark.parametrize(("code", "least"), [((2, 1), 3), ((2, 2), 3), ((8, 3), 9)])
def test_one_chunk_more_than_are_needed_must_be_there(
    tmp_path: Path, code: tuple[int, int], least: int
) -> None:
    data, coding = code
    given = {"data": data, "coding": coding}
    found = cluster(tmp_path, [1] * (data + coding), "host", erasure=given)
    assert found.pools[0].min_size == least
