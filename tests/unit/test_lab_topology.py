"""What a lab consists of follows from the site alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from verify.contract import Expectation, ExternalService, Manifest, OperatingSystem, Site
from verify.lab import network, topology
from verify.lab.errors import LabError
from verify.serialization import dump

DISK = {
    "name": "brick1",
    "device": "/dev/xvdf",
    "uuid": "11111111-2222-4333-8444-555555555555",
    "fstype": "xfs",
    "mount": "/brick1",
}


def site(networks: Mapping[str, tuple[str, ...]], **nodes: dict[str, str]) -> Site:
    return Site(
        site="shop",
        spec_digest="d",
        networks=networks,
        nodes={
            name.replace("_", "-"): {"platform": "debian-12", "zone": "a", "addresses": addresses}
            for name, addresses in nodes.items()
        },
        lists={},
        facts={},
        predictions=(),
        external=(ExternalService("time", "ntp", ("ntp.example.internal", "192.0.2.1"), 123),),
    )


def manifest(name: str, packages: tuple[str, ...] = ("chrony",), **changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "site": "shop",
        "node": name,
        "platform": "debian-12",
        "spec_digest": "d",
        "bundle_digest": "b",
        "files": {},
        "packages": packages,
        "disks": (DISK,),
        "expectations": (),
        "os": OperatingSystem("debian", "12", "bookworm"),
    }
    return Manifest(**values | changes)


def derived(one: Site, **manifests: Manifest) -> topology.Topology:
    made = {name: manifest(name) for name in one.nodes}
    return topology.derive(one, made | manifests, Path("/site"), Path("/state"))


SETTINGS = {"name": "shop", "user": "wp", "password": "db-password", "tls": "off"}


def with_database(one: Site, host: str = "wp.example.internal") -> Site:
    service = ExternalService("web.database", "mysql", (host,), 3306, SETTINGS)
    return replace(one, external=(*one.external, service))


INTERNAL = {"internal": ("10.77.0.0/24",)}


def test_nodes_have_the_addresses_of_the_spec_and_one_outside() -> None:
    made = derived(site(INTERNAL, a={"internal": "10.77.0.11"}, b={"internal": "10.77.0.12"}))
    assert made.nodes[1].addresses == {
        "internal": ("10.77.0.12",),
        "outside": ("203.0.113.12", "2001:db8::c"),
    }


def test_nobody_outside_has_the_address_of_another() -> None:
    many = {f"n{number}": {"internal": f"10.77.0.{number}"} for number in range(1, 47)}
    made = derived(with_database(site(INTERNAL, **many)))
    outside = [box.addresses["outside"] for box in (*made.nodes, *made.around)]
    outside += [topology.ATTACKER, topology.INNOCENT]
    assert len({address for both in outside for address in both}) == 2 * len(outside) == 102


def test_more_nodes_than_addresses_are_refused() -> None:
    many = {f"n{number}": {"internal": f"10.7.{number}.1"} for number in range(250)}
    with pytest.raises(LabError, match="at most"):
        derived(site({"internal": ("10.7.0.0/16",)}, **many))


def test_a_network_may_have_several_subnets_of_a_family() -> None:
    networks = {"n": ("10.0.0.0/24", "10.0.1.0/25"), "m": ("fd00:77::/64",)}
    made = derived(site(networks, a={"n": "10.0.1.1"}, b={"n": "10.0.0.2", "m": "fd00:77::2"}))
    assert [one.bridge for one in made.networks] == ["net0", "net1", "net2"]
    assert list(network.inside(made, made.nodes[0]))[1:3] == [
        "address add 10.0.1.1/25 dev eth0",
        "link set eth0 up",
    ]
    assert list(network.inside(made, made.nodes[1]))[3] == (
        "address add fd00:77::2/64 dev eth1 nodad"
    )


def test_a_network_called_outside_is_refused() -> None:
    with pytest.raises(LabError, match="rename"):
        derived(site({"outside": ("10.0.0.0/24",)}, a={"outside": "10.0.0.1"}))


def test_time_servers_are_resolved_where_they_are_names() -> None:
    made = derived(site(INTERNAL, a={"internal": "10.77.0.11"}))
    assert made.names == "203.0.113.53 ntp.example.internal"


def test_the_image_has_the_packages_of_all_nodes_once() -> None:
    one = site(INTERNAL, a={"internal": "10.77.0.11"}, b={"internal": "10.77.0.12"})
    made = derived(one, b=manifest("b", ("nginx", "chrony")))
    assert made.packages == ("chrony", "nginx")


def test_disks_are_files_of_their_node() -> None:
    made = derived(site(INTERNAL, a={"internal": "10.77.0.11"}))
    expected = topology.Disk("brick1", "/dev/xvdf", made.state / "a/brick1.img")
    assert made.nodes[0].disks == (expected,)


def test_the_spec_s_addresses_are_reached_from_outside_over_no_node() -> None:
    networks = {"internal": ("10.77.0.0/24", "fd00:77::/64"), "storage": ("10.78.0.0/24",)}
    made = derived(site(networks, a={"internal": "10.77.0.11", "storage": "10.78.0.11"}))
    box = made.box("outside")
    assert box.networks == ("outside", "internal", "storage")
    assert list(network.inside(made, box))[-5:] == [
        "link set eth1 up",
        "route add 10.77.0.0/24 dev eth1",
        "route add fd00:77::/64 dev eth1",
        "link set eth2 up",
        "route add 10.78.0.0/24 dev eth2",
    ]


def test_a_site_that_was_built_twice_has_two_labs() -> None:
    one = site(INTERNAL, a={"internal": "10.77.0.11"})
    manifests = {"a": manifest("a")}
    made = [topology.derive(one, manifests, Path(at), Path("/state")) for at in ("/x", "/y")]
    for named in ("name", "title", "state"):
        assert len({getattr(each, named) for each in made}) == 2
    assert len({each.container(each.nodes[0]) for each in made}) == 2


def test_osds_with_devices_of_their_own_are_refused_and_others_are_not() -> None:
    one = site(INTERNAL, a={"internal": "10.77.0.11"})
    osds = {"0": {"node": "a", "disk": "brick1"}, "4": {"node": "a", "device": "/dev/xvdh"}}
    with pytest.raises(LabError, match=r"^osd\.4: a device of its own needs LVM.*disk: NAME"):
        derived(replace(one, facts={**one.facts, "ceph": {"osds": osds}}))
    del osds["4"]
    assert derived(replace(one, facts={**one.facts, "ceph": {"osds": osds}})).nodes


@pytest.mark.parametrize("name", ["outside", "time", "database"])
def test_a_node_cannot_be_taken_for_what_stands_around(name: str) -> None:
    one = site(INTERNAL, **{name: {"internal": "10.77.0.11"}})
    with pytest.raises(LabError, match=f"'{name}' of its own: rename the node"):
        derived(with_database(one))


def test_the_visitors_are_further_addresses_of_the_machine_outside() -> None:
    box = derived(site(INTERNAL, a={"internal": "10.77.0.11"})).box("outside")
    lengths = ("203.0.113.60/26", "2001:db8::60/64", "203.0.113.61/26", "2001:db8::61/64")
    assert box.further == lengths
    its = ("203.0.113.50", "2001:db8::32")
    assert box.known() == {"outside": (*its, *topology.ATTACKER, *topology.INNOCENT)}


def test_a_database_stands_outside_where_the_site_has_one() -> None:
    one = site(INTERNAL, a={"internal": "10.77.0.11"})
    made = derived(with_database(one))
    assert made.box("database").addresses == {"outside": ("203.0.113.54", "2001:db8::36")}
    assert made.names.splitlines()[1] == "203.0.113.54 wp.example.internal"
    assert made.secrets == {"db-password": "text"}
    without = derived(one)
    assert without.database is None and not without.secrets
    assert [box.name for box in without.around] == ["outside", "time"]


@pytest.mark.parametrize("host", ["10.77.0.54", "fd00:77::54", "a", "localhost"])
def test_a_database_that_the_lab_cannot_be_is_refused(host: str) -> None:
    one = site(INTERNAL, a={"internal": "10.77.0.11"})
    with pytest.raises(LabError, match=f"cannot stand in for .*{host}"):
        derived(with_database(one, host))


def test_nodes_get_the_secrets_that_they_ask_for() -> None:
    one = site(INTERNAL, a={"internal": "10.77.0.11"}, b={"internal": "10.77.0.12"})
    asked = tuple(
        Expectation(f"a/{kind}/{number}", "web", {"name": name, "form": "text"}, "web")
        for number, (kind, name) in enumerate(
            [("secret", "salts"), ("secret", "admin"), ("secret", "salts"), ("package", "x")]
        )
    )
    made = derived(with_database(one), a=manifest("a", expectations=asked))
    assert [set(node.secrets) for node in made.nodes] == [{"admin", "salts"}, set()]
    assert list(made.secrets) == ["admin", "db-password", "salts"]


def test_an_unknown_machine_is_named_with_the_known_ones() -> None:
    made = derived(site(INTERNAL, a={"internal": "10.77.0.11"}))
    with pytest.raises(LabError, match="it has a, outside, time"):
        made.box("b")


def test_a_built_folder_is_read(tmp_path: Path) -> None:
    one = site(INTERNAL, a={"internal": "10.77.0.11"})
    (tmp_path / "a").mkdir()
    (tmp_path / "site.json").write_bytes(dump(one))
    (tmp_path / "a" / "manifest.json").write_bytes(dump(manifest("a")))
    made = topology.read(tmp_path, Path("/state"))
    assert (made.site, made.state) == ("shop", Path("/state", made.name))
    assert made.folder == tmp_path.resolve()
