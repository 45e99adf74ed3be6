"""`ceph-device` against make-believe tools: what it takes, awaits, and leaves to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import seeding
from tests.unit.seeding import ACCOUNT

UUID, OTHER = "85f5f9db-68a1-5074-9c26-abe6b0d04585", "97dcf4a9-5ef0-5d50-bf81-d3b99c83df3b"
DEVICE, FAST = "/dev/disk/by-id/virtio-osd0", "/dev/disk/by-id/virtio-fast"
BEGUN = f"osd.0 is being made on {DEVICE} as soon as the monitors answer\n"

# Each says what a file of its name has, and its exit code is in NAME.code.
TOOL = """#!/bin/sh
printf '%s %s\\n' "${0##*/}" "$*" >>"$ANSWERS/calls"
case $* in *virtio-fast) cat "$ANSWERS/${0##*/}-fast" 2>/dev/null ;; esac
cat "$ANSWERS/${0##*/}" 2>/dev/null
cat "$ANSWERS/${0##*/}.error" >&2 2>/dev/null
exit "$(cat "$ANSWERS/${0##*/}.code" 2>/dev/null || echo 0)"
"""
LSBLK = """#!/bin/sh
case $* in *--nodeps*) cat "$ANSWERS/type" ;; *) cat "$ANSWERS/tree" ;; esac 2>/dev/null || exit 32
"""
VOLUME = f"""#!/bin/sh
printf 'ceph-volume %s\\n' "$*" >>"$ANSWERS/calls"
keyring=$SEED_ROOT/var/lib/ceph/bootstrap-osd/ceph.keyring
[ "$2" != prepare ] || cp "$keyring" "$ANSWERS/lent"
[ ! -e "$ANSWERS/next" ] || [ "$2" != activate ] || echo next >"$keyring"
[ ! -e "$ANSWERS/broken-$2" ] || {{ cat "$ANSWERS/broken-$2"; exit 1; }}
[ "$2" != prepare ] || echo '  ceph.osd_fsid={UUID},ceph.osd_id=0,ceph.type=block' >"$ANSWERS/lvs"
"""
TOOLS = dict.fromkeys(("lvs", "pvs", "lvchange", "wipefs", "blkid", "umount"), TOOL)
TOOLS |= {"lsblk": LSBLK, "ceph-volume": VOLUME} | ACCOUNT


class Node(seeding.Node):
    """A node with devices, and the key that lets an OSD be made while it is lent."""

    @property
    def keyring(self) -> Path:
        return self.root / "var/lib/ceph/bootstrap-osd/ceph.keyring"

    def seed(self, number: str = "0") -> tuple[int, str]:
        return self.run("ceph-device", number)


def make_node(path: Path) -> Node:
    """A node with an empty device."""
    made = Node(path / "root", path / "answers")
    made.tools(TOOLS)
    for folder in ("etc/stook/secrets", "run", "dev/disk/by-id", "var/lib/ceph"):
        (made.root / folder).mkdir(parents=True)
    made.write("etc/stook/ceph.tsv", f"ceph\t1\ndevice\t0\t{UUID}\t{DEVICE}\t-\t-\t-\n")
    made.write("etc/stook/secrets/ceph-bootstrap-osd", "its-key\n")
    made.answer("type", "disk\n")
    made.answer("tree", "disk vda\n")
    made.answer("blkid.code", "2")
    return made


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return make_node(tmp_path)


def test_an_empty_device_is_prepared_once_and_activated_each_time(node: Node) -> None:
    assert node.seed() == (0, f"{BEGUN}osd.0 is made on {DEVICE}\n")
    data = f"--data {node.root}{DEVICE} --osd-id 0 --osd-fsid {UUID}"
    prepared = [f"ceph-volume lvm prepare --bluestore {data}"]
    activated = f"ceph-volume lvm activate --bluestore --no-systemd --no-tmpfs 0 {UUID}"
    assert node.calls("ceph-volume") == [*prepared, activated]
    assert node.seed() == (0, "")
    assert node.calls("ceph-volume") == [*prepared, activated, activated]


@pytest.fixture
def beside(node: Node) -> Node:
    """Its metadata are to be on another device, which has no group of volumes."""
    node.write("etc/stook/ceph.tsv", f"ceph\t1\ndevice\t0\t{UUID}\t{DEVICE}\t-\t{FAST}\t60G\n")
    node.answer("pvs.code", "5")
    return node


def prepared(node: Node) -> str:
    (line,) = (call for call in node.calls("ceph-volume") if " prepare " in call)
    return line


def test_metadata_get_a_part_of_an_empty_device(beside: Node) -> None:
    assert beside.seed() == (0, f"{BEGUN}osd.0 is made on {DEVICE}\n")
    assert prepared(beside).endswith(f"{UUID} --block.db {beside.root}{FAST} --block.db-size 60G")


def test_metadata_get_a_part_of_a_device_with_such_parts(beside: Node) -> None:
    beside.answer("pvs.code", "0")
    beside.answer("pvs", "  ceph-1a2b\n")
    beside.answer("lvs", f"  ceph.osd_fsid={OTHER},ceph.osd_id=1,ceph.type=db\n")
    beside.answer("tree", "disk vda\n")
    assert beside.seed()[0] == 0
    assert "lvs --noheadings --options lv_tags ceph-1a2b" in beside.calls("lvs")
    assert " --block.db " in prepared(beside)


def test_a_part_for_metadata_is_not_taken_for_its_osd(beside: Node) -> None:
    beside.answer("lvs", f"  ceph.osd_fsid={UUID},ceph.osd_id=0,ceph.type=db\n")
    code, said = beside.seed()
    assert code == 3 and "another volume of this node is marked as osd.0" in said


@pytest.mark.parametrize(
    ("group", "volumes", "said"),
    [
        ("  ceph-1a2b\n", f"  ceph.osd_fsid={OTHER},ceph.osd_id=1,ceph.type=block\n", "no OSD's"),
        ("  ceph-1a2b\n", "  \n", f"{FAST} has volumes that are no OSD's metadata"),
        ("  data\n", "  ceph.type=db\n", f"{FAST} is not empty: LVM2_member"),
    ],
)
def test_a_device_with_something_else_is_not_cut_up(
    beside: Node, group: str, volumes: str, said: str
) -> None:
    beside.answer("pvs.code", "0")
    beside.answer("pvs", group)
    beside.answer("lvs", volumes)
    beside.answer("wipefs-fast", "LVM2_member\n")
    code, printed = beside.seed()
    assert (code, said in printed) == (3, True), printed
    assert not beside.calls("ceph-volume")


def test_its_volume_is_made_active_before_it_is_used(node: Node) -> None:
    node.seed()
    *_, before, used = node.calls()
    assert before == f"lvchange --activate y --select lv_tags={{ceph.osd_fsid={UUID}}}"
    assert used.startswith("ceph-volume lvm activate")
    node.answer("lvchange.code", "5")
    node.answer("lvchange.error", "  Failed to lock the volume group\n")
    assert node.seed() == (1, "waiting: lvchange: Failed to lock the volume group\n")


def test_the_key_is_lent_to_who_makes_it_and_taken_back(node: Node) -> None:
    node.seed()
    assert (node.answers / "lent").read_text() == "[client.bootstrap-osd]\n\tkey = its-key\n"
    assert not node.keyring.exists()


def test_a_key_that_was_lent_to_the_next_one_since_is_left(node: Node) -> None:
    node.answer("next", "")
    assert node.seed()[0] == 0
    assert node.keyring.read_text() == "next\n"


def test_a_try_that_fails_is_awaited_and_leaves_no_key(node: Node) -> None:
    node.answer("broken-prepare", "-->  RuntimeError: no space left\n1\n")
    said = f"{BEGUN}waiting: ceph-volume lvm prepare: RuntimeError: no space left\n"
    assert node.seed() == (1, said)
    assert not node.keyring.exists()
    (node.answers / "broken-prepare").unlink()
    node.answer("broken-activate", "-->  RuntimeError: it is gone\n")
    code, said = node.seed()
    assert code == 1 and "waiting: ceph-volume lvm activate: RuntimeError" in said


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("wipefs", "ext4\n", "is not empty: ext4"),
        ("tree", "disk vda\npart vda1\n", "is not empty: part vda1"),
        ("tree", f"disk vda\nlvm ceph--1-osd--block--{OTHER}\n", "is not empty: lvm ceph--1"),
        ("blkid.code", "0", "is not empty"),
        ("blkid.code", "8", "is not empty"),
        ("type", "part\n", "is of type part: an OSD takes a whole disk"),
        ("lvs", f"  ceph.osd_fsid={UUID},ceph.osd_id=3\n", "holds osd.3, and the spec now calls"),
        (
            "lvs",
            f"  ceph.osd_fsid={OTHER},ceph.osd_id=0\n",
            "another volume of this node is marked",
        ),
    ],
)
def test_what_is_not_empty_or_not_ours_is_left_to_a_person(
    node: Node, name: str, text: str, said: str
) -> None:
    node.answer(name, text)
    code, printed = node.seed()
    assert (code, printed.startswith("STOPPED, nothing was changed: ")) == (3, True)
    assert said in printed
    assert not node.calls("ceph-volume")
    assert not node.keyring.exists()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("lvs.code", "5", "waiting: lvs:"),
        ("wipefs.code", "1", f"waiting: wipefs cannot read {DEVICE}"),
    ],
)
def test_what_cannot_be_told_is_awaited(node: Node, name: str, text: str, said: str) -> None:
    node.answer(name, text)
    code, printed = node.seed()
    assert code == 1 and printed.startswith(said)
    assert not node.calls("ceph-volume")


def test_a_device_and_a_secret_that_are_not_there_are_awaited(node: Node) -> None:
    (node.root / "etc/stook/secrets/ceph-bootstrap-osd").unlink()
    assert node.seed() == (1, "waiting: the secret ceph-bootstrap-osd is not on this node\n")
    (node.answers / "type").unlink()
    assert node.seed() == (1, f"waiting: {DEVICE} is not there\n")


def test_an_osd_that_the_cluster_knows_is_not_made_anew(node: Node) -> None:
    taken = "-->  RuntimeError: The osd ID 0 is already in use or does not exist.\n"
    node.answer("broken-prepare", taken)
    code, said = node.seed()
    assert code == 3 and "ceph osd purge 0 --yes-i-really-mean-it" in said
    assert not node.keyring.exists()


def test_an_osd_of_another_number_is_nobody_s(node: Node) -> None:
    node.answer("lvs", f"  ceph.osd_fsid={OTHER},ceph.osd_id=10,ceph.type=block\n\n  \n")
    assert node.seed()[0] == 0
    assert node.seed("1") == (3, node.seed("1")[1])
    assert "osd.1 has no device of this node" in node.seed("1")[1]
