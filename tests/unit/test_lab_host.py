"""What a lab finds out about its machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docker import APIClient, DockerClient

from verify.contract import OperatingSystem
from verify.lab import debian, disks, execution, host, image, network, nodes
from verify.lab.errors import LabError
from verify.lab.topology import Box, Network, Topology

NO_RESOURCE = "Name:\tsh\nCapBnd:\t000001fffeffffff\n"
ALL = "Name:\tsh\nCapBnd:\t000001ffffffffff\n"


def test_a_capability_outside_the_bounding_set_is_missing() -> None:
    assert host.missing_capabilities(NO_RESOURCE) == ("SYS_RESOURCE",)
    assert host.missing_capabilities(ALL) == ()


@pytest.mark.parametrize(("before", "after"), [("128\n", "1024\n"), ("8192\n", "8192\n")])
def test_a_low_allowance_of_watchers_is_raised(tmp_path: Path, before: str, after: str) -> None:
    allowance, said = tmp_path / "max_user_instances", list[str]()
    allowance.write_text(before)
    host.allow_watchers(said.append, allowance)
    assert allowance.read_text() == after
    assert bool(said) == (before != after)


def test_an_allowance_that_cannot_be_raised_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, text: str) -> int:
        raise PermissionError(13, "Permission denied")

    said = list[str]()
    monkeypatch.setattr(Path, "read_text", lambda path: "128\n")
    monkeypatch.setattr(Path, "write_text", refuse)
    host.allow_watchers(said.append)
    assert "some may end at their start" in said[0]


def test_one_lab_is_not_made_twice_at_once(tmp_path: Path) -> None:
    with (
        host.exclusive(tmp_path, "shop-1"),
        pytest.raises(LabError, match="shop-1: is being"),
        host.exclusive(tmp_path, "shop-1"),
    ):
        pass
    with host.exclusive(tmp_path, "shop-1"), host.exclusive(tmp_path, "shop-2"):
        pass


def test_an_engine_that_somebodys_lab_runs_on_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(host, "_started", lambda: 4_194_305)  # more than any process has
    monkeypatch.setattr(host, "labs", lambda: ("shop-1a2b3c",))
    assert host.main(["down"]) == 1
    assert "shop-1a2b3c" in capsys.readouterr().err


def test_usage_of_the_module_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert host.main(["sideways"]) == 2
    assert "up|down" in capsys.readouterr().err


def test_sources_are_those_of_the_release_once_each() -> None:
    targets = (
        "http://mirror.example/debian/\tbookworm\tbookworm\tmain\n"
        "http://mirror.example/debian/\tbookworm\tbookworm\tmain\n"
        "http://mirror.example/security/\tbookworm-security\tbookworm-security\tmain\n"
        "http://mirror.example/debian/\ttrixie\ttrixie\tmain\n"
    )
    assert debian.sources(targets, "bookworm") == (
        "deb http://mirror.example/debian/ bookworm main",
        "deb http://mirror.example/security/ bookworm-security main",
    )


def test_another_release_is_on_the_same_mirror() -> None:
    targets = (
        "http://mirror.example/debian/\tbookworm\tbookworm\tmain\n"
        "http://mirror.example/security/\tbookworm-security\tbookworm-security\tmain\n"
    )
    assert debian.moved(targets, "bookworm", "trixie") == (
        "deb http://mirror.example/debian/ trixie main",
        "deb http://mirror.example/security/ trixie-security main",
    )
    assert debian.moved(targets, "sid", "trixie") == ()


@pytest.mark.parametrize(
    ("os", "why"),
    [
        (OperatingSystem("rocky", "9"), "no lab for rocky 9"),
        (OperatingSystem("debian", "12"), "build them again"),
    ],
)
def test_what_no_lab_can_be_made_of_is_said(
    client: DockerClient, os: OperatingSystem, why: str
) -> None:
    with pytest.raises(LabError, match=why):
        debian.obtain(client, os, print)


def test_the_way_to_the_sources_is_kept_and_nothing_else() -> None:
    dump = (
        'APT::Install-Recommends "1";\n'
        'Acquire::http::Proxy "http://proxy.example:3128";\n'
        'Acquire::Languages:: "none";\n'
        'Acquire::Check-Valid-Until "false";\n'
    )
    assert debian.acquire(dump) == (
        'Acquire::http::Proxy "http://proxy.example:3128";',
        'Acquire::Check-Valid-Until "false";',
    )


def test_only_devices_below_the_folder_are_ours_even_when_their_file_is_gone() -> None:
    files = {
        "/dev/loop0": "/state/shop/a/brick1.img",
        "/dev/loop1": "/state/shop/b/brick1.img (deleted)",
        "/dev/loop2": "/state/shopping/a/brick1.img",
        "/dev/loop3": "/home/me/disk.img",
    }
    listing = json.dumps(
        {"loopdevices": [{"name": name, "back-file": file} for name, file in files.items()]}
    )
    assert disks.below(Path("/state/shop"), listing) == ("/dev/loop0", "/dev/loop1")
    assert disks.below(Path("/state/shop"), "") == ()


def test_an_image_is_named_by_all_that_goes_into_it() -> None:
    name = image.digest("sha256:1", ["b", "a"], "node")
    assert name == image.digest("sha256:1", ["a", "b"], "node")
    others = {
        image.digest("sha256:2", ["a", "b"], "node"),
        image.digest("sha256:1", ["a"], "node"),
        image.digest("sha256:1", ["a", "b"], "bare"),
    }
    assert len(others | {name}) == 4


def built(purpose: str, numbers: range) -> dict[str, str]:
    """Images of one purpose, a minute apart."""
    return {f"stook-lab:{purpose}{n}": f"2026-01-01T00:{n:02}:00.5Z" for n in numbers}


def test_old_images_go_when_there_are_enough_newer_ones_of_their_purpose() -> None:
    every = built("node-", range(11)) | built("around-", range(8)) | built("", range(9))
    assert image.outdated(every, "stook-lab:node-10") == (
        "stook-lab:node-2",
        "stook-lab:node-1",
        "stook-lab:node-0",
        "stook-lab:0",
    )


def test_the_image_that_was_just_made_stays_whatever_its_age() -> None:
    every = built("node-", range(9))
    assert image.outdated(every, "stook-lab:node-0") == ("stook-lab:node-1",)
    assert image.outdated({}, "stook-lab:node-0") == ()


@pytest.fixture
def client() -> DockerClient:
    made = DockerClient.__new__(DockerClient)
    made.api = APIClient(version="1.41")
    return made


def test_a_node_is_root_over_all_but_the_clock(
    client: DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "missing_capabilities", lambda: ("SYS_RESOURCE",))
    box = Box("a", "node", {})
    config = nodes.host_config(client, box, {"/dev/xvdf": "/dev/loop8"})
    assert config["CapAdd"] == ["ALL"]
    assert config["CapDrop"] == ["SYS_TIME", "SYS_RESOURCE"]
    assert config["MaskedPaths"] == config["ReadonlyPaths"] == []
    assert config["CgroupnsMode"] == "private"
    assert config["NetworkMode"] == "none"
    assert config["Sysctls"]["net.ipv4.ip_unprivileged_port_start"] == "1024"
    assert config["Devices"] == [
        {
            "PathOnHost": "/dev/loop8",
            "PathInContainer": "/dev/xvdf",
            "CgroupPermissions": "rwm",
        }
    ]
    assert not config.get("Binds") and not config.get("Privileged")


def test_what_stands_around_a_site_has_no_such_rights(client: DockerClient) -> None:
    config = nodes.host_config(client, Box("time", "time", {}), {})
    assert config["CapAdd"] == ["NET_ADMIN", "NET_RAW"]
    assert "Devices" not in config


def test_a_node_is_told_names_and_its_last_interface() -> None:
    networks = (Network("inner", "net0", ()), Network("outside", "net1", ()))
    made = Topology("shop-1", "shop", Path("/x"), Path("/s"), networks, (), (), (), "192.0.2.1 ntp")
    node = Box("a", "node", {"inner": (), "outside": ()})
    assert nodes.command(made, node)[1:] == ["192.0.2.1 ntp", "eth1"]


def test_the_machine_outside_has_addresses_that_it_does_not_prefer() -> None:
    networks = (Network("outside", "net0", ("203.0.113.0/26", "2001:db8::/64")),)
    made = Topology("shop-1", "shop", Path("/x"), Path("/s"), networks, (), (), (), "")
    further = ("203.0.113.60/26", "2001:db8::60/64")
    box = Box("outside", "outside", {"outside": ("203.0.113.50",)}, further=further)
    assert list(network.inside(made, box))[1:4] == [
        "address add 203.0.113.50/26 dev eth0",
        "address add 203.0.113.60/26 dev eth0 preferred_lft 0",
        "address add 2001:db8::60/64 dev eth0 nodad preferred_lft 0",
    ]


def test_frames_of_a_containers_streams_are_put_together() -> None:
    one = b"\1\0\0\0\0\0\0\3out"
    other = b"\2\0\0\0\0\0\0\3err"
    assert execution.streams(one + other + one) == (b"outout", b"err")
    assert execution.streams(b"") == (b"", b"")
    for broken in (one[:-1], b"[5,4,3]\n"):
        with pytest.raises(ValueError, match="no frame"):
            execution.streams(broken)
