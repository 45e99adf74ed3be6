"""Rights of clients: what monitors of both releases took of them, and what is read in them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from generator.components.ceph.caps import Named, everything, malformed, named
from tests.pace import limit

SAMPLES = Path(__file__).parents[1] / "samples"
VERSIONS = {"16.2": "pacific", "18.2": "reef"}
# Taken by the monitors, and good for nothing: the release of a client's own knows no such profile.
NOTHING = "gives a client nothing"
# Or whoever has them comes from a network that there is not.
NOWHERE = "nobody comes from"


def rows(version: str) -> list[tuple[str, str, bool]]:
    text = (SAMPLES / f"ceph-{version}-caps.tsv").read_text("utf-8")
    parts = (line.split("\t") for line in text.splitlines())
    return [(service, rights, said == "taken") for service, rights, said in parts]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_monitor_refuses_is_refused(version: str) -> None:
    release = VERSIONS[version]
    told = [row for row in rows(version) if not row[2]]
    assert len(told) > 400
    assert not [row for row in told if not malformed(row[0], row[1], release)]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_monitor_takes_is_taken_unless_it_gives_nothing(version: str) -> None:
    release = VERSIONS[version]
    told = [row for row in rows(version) if row[2]]
    assert len(told) > 300
    wrong = {row: malformed(row[0], row[1], release) for row in told}
    nowhere = {row for row, why in wrong.items() if NOWHERE in why}
    assert {row[1].partition(" network ")[2] for row in nowhere} == {"10.0.0.1", "10.0.0.0/99"}
    wrong = {row: why for row, why in wrong.items() if why and row not in nowhere}
    assert all(NOTHING in why for why in wrong.values())
    # of the profiles that monitors take, these are daemons' or nobody's
    odd = {"osd", "mds", "nosuch", "rbd_x", "rbd-mirror", "rbd-mirror-peer"}
    assert all(any(f"`{name}`" in why for name in odd) for why in wrong.values())


def test_only_reef_has_ids_beside_a_file_system() -> None:
    text = "allow rw fsname=files uid=1000"
    assert malformed("mds", text, "pacific") and not malformed("mds", text, "reef")


def test_what_rights_are_on_is_read_in_every_way_to_write_it() -> None:
    text = "profile rbd pool=a, allow rw pool \"b\" namespace=n; allow pool='c d' r"
    assert [one.name for one in named("osd", text)] == ["a", "b", "c d"]
    text = "allow rw tag cephfs data=files, allow rw tag cephfs *=*, allow r tag rgw data=x"
    assert list(named("osd", text)) == [Named("file system", "files")]
    assert list(named("mds", "allow rw fsname=files path=/pool=x")) == [
        Named("file system", "files")
    ]
    assert list(named("mon", "allow r fsname files")) == [Named("file system", "files")]
    assert list(named("mgr", "profile rbd pool = a")) == [Named("pool", "a")]


# With `auth` in reach: most were tried on a monitor of 16.2, and got a key or made a user ...
ALL = (
    *("allow *", " allow all", "allow r, allow *;allow r", "allow rwx", "allow rx"),
    *("allow rwx fsname=a", "allow * network 10.0.0.0/8", "profile role-definer"),
    *("allow r, allow service auth rx", "allow service=auth *", 'allow service "auth" rwx'),
    *('allow r, allow command "auth get"', "allow command='auth add'"),
)
# ... and without.
SOME = (
    *("allow r", "allow rw", "allow x", "profile rbd", "allow service auth r"),
    *(
        "allow command auth",
        "allow service mon rwx",
        'allow command "osd ls"',
        "profile role-definers",
    ),
)


def test_all_rights_are_known_among_others() -> None:
    assert [text for text in ALL if not everything(text)] == []
    assert [text for text in SOME if everything(text)] == []


@pytest.mark.parametrize(
    ("network", "there"),
    [
        *(("10.0.0.0/8", True), ("10.0.0.1/32", True), ("fd00::/64", True), ("0.0.0.0/0", True)),
        *(("10.0.0.0", False), ("10.0.0.0/33", False), ("10.0.0.0/", False)),
        *(("10.0.0.0/255.0.0.0", False), ("[fd00::]/64", False), ("999.1.1.1/24", False)),
    ],
)
def test_rights_of_a_network_need_one(network: str, there: bool) -> None:
    for service in ("mon", "osd"):
        why = malformed(service, f"allow r network {network}, allow r", "reef")
        assert why == "" if there else NOWHERE in why


@pytest.mark.parametrize("service", ["mon", "mgr", "osd", "mds"])
@pytest.mark.parametrize(
    "text",
    [
        "allow r, " * 450 + "!",
        "allow command a with " + "a=b " * 1000 + "!",
        "profile rbd " + "pool=x " * 580 + "!",
        "allow rw gids=" + "1," * 2000 + "!",
        "allow " + "class a " * 500 + "!",
        "allow rwx pool=" + "x" * 4000 + "!",
        "allow" + " " * 4000 + "!",
        "allow r" + " " * 2000 + "," + " " * 2000 + "!",
    ],
)
def test_no_text_takes_long(service: str, text: str) -> None:
    begin = time.process_time()
    assert malformed(service, text, "reef")
    assert time.process_time() - begin < limit(1)
