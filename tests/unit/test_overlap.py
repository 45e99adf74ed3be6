"""What of one node gets into each other's way, also of components that are not ours."""

from __future__ import annotations

import pytest

from generator.claims import Claims, Egress, File, Mount, Port, overlaps
from generator.claims.connection import Connection


def mount(path: str) -> Mount:
    return Mount(
        node="n1",
        spec=("disks", "d"),
        role="base/disks",
        source="UUID=1",
        path=path,
        fstype="xfs",
        options=(),
    )


def port(role: str, first: int, last: int, protocol: str = "tcp") -> Port:
    return Port(
        node="n1",
        spec=(role,),
        role=f"{role}/x",
        protocol=protocol,
        first=first,
        last=last,
        allowed_from=(),
        addresses=("*",),
        process="",
    )


@pytest.mark.parametrize(
    ("path", "hidden"),
    [("/opt", True), ("/opt/a", True), ("/opt/a.conf", True), ("/opt/a.co", False), ("/o", False)],
)
def test_a_mount_hides_no_file_that_is_written_below_it(path: str, hidden: bool) -> None:
    claims = Claims()
    files = ("/opt/a/one", "/opt/a/two", "/opt/a.conf")
    claims.add(File(node="n1", spec=("x",), role="x/y", path=one, body=b"") for one in files)
    claims.add([mount(path)])
    messages = [finding.message for finding in overlaps(("n1",), claims)]
    assert len(messages) == hidden
    assert not hidden or "would hide `/opt/a" in messages[0]


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [
        (port("a", 10, 20), port("b", 20, 30), True),
        (port("a", 10, 20), port("b", 21, 30), False),
        (port("a", 10, 20), port("b", 15, 15), True),
        (port("a", 10, 20), port("b", 15, 15, "udp"), False),
        (port("a", 10, 20), port("a", 15, 15), False),
    ],
)
def test_two_ranges_meet(one: Port, other: Port, met: bool) -> None:
    claims = Claims()
    claims.add([other, one])
    assert len(list(overlaps(("n1",), claims))) == met


@pytest.mark.parametrize(("number", "met"), [(9, False), (10, True), (20, True), (21, False)])
def test_nobody_connects_to_what_only_root_may(number: int, met: bool) -> None:
    claims = Claims()
    claims.add([Egress(node="n1", spec=("a",), role="a/x", first=10, last=20)])
    claims.add([Connection(node="n1", spec=("b",), role="b/x", first=number, last=number)])
    assert len(list(overlaps(("n1", "n2"), claims))) == met
