"""Devices and mount options: what is none, what is a part, and what a file system takes."""

from __future__ import annotations

import pytest

from generator.components.base.mount_options import takes
from generator.planning.disks import not_a_disk, whole
from generator.planning.site import is_system_place

DISKS = (
    *("/dev/sda", "/dev/xvdf", "/dev/vdb", "/dev/nvme0n1", "/dev/nvme10n1p2", "/dev/mmcblk0"),
    *("/dev/disk/by-id/scsi-a1", "/dev/disk/by-path/pci-0000:00:1f.2-ata-1", "/dev/mapper/vg-lv"),
    *(
        "/dev/md0",
        "/dev/md/data",
        "/dev/vg/lv",
        "/dev/loop0",
        "/dev/nbd0",
        "/dev/drbd1",
        "/dev/dm-3",
    ),
    *("/dev/cciss/c0d0", "/dev/zvol/tank/x", "/dev/rbd0", "/dev/pmem0", "/dev/bcache0"),
)
OTHERS = (
    *("/etc/shadow", "/dev", "/dev/null", "/dev/zero", "/dev/random", "/dev/mem", "/dev/ptmx"),
    *("/dev/pts/0", "/dev/shm/x", "/dev/tty", "/dev/tty1", "/dev/ttyS0", "/dev/ttyUSB0"),
    *("/dev/sg0", "/dev/sr0", "/dev/st0", "/dev/nvme0", "/dev/nvme-fabrics", "/dev/loop-control"),
    *("/dev/mapper", "/dev/mapper/control", "/dev/disk", "/dev/disk/by-id", "/dev/md", "/dev/fd/0"),
    *("/dev/x y", "/dev/vhost-net", "/dev/rtc0", "/dev/kvm", "/dev/input/event0", "/dev/block/8:0"),
)


@pytest.mark.parametrize("device", DISKS)
def test_a_disk_is_one(device: str) -> None:
    assert not not_a_disk(device)


@pytest.mark.parametrize("device", OTHERS)
def test_what_is_no_disk_is_named(device: str) -> None:
    assert not_a_disk(device)


@pytest.mark.parametrize(
    ("device", "of"),
    [
        ("/dev/xvdf1", "/dev/xvdf"),
        ("/dev/sdaa12", "/dev/sdaa"),
        ("/dev/nvme0n1p2", "/dev/nvme0n1"),
        ("/dev/mmcblk0p1", "/dev/mmcblk0"),
        ("/dev/disk/by-id/scsi-a-part3", "/dev/disk/by-id/scsi-a"),
        ("/dev/xvdf", ""),
        ("/dev/nvme0n1", ""),
        ("/dev/disk/by-id/scsi-a-part", ""),
        ("/dev/mapper/vg1", ""),
    ],
)
def test_a_partition_is_part_of_its_disk(device: str, of: str) -> None:
    assert whole(device) == of


# What Linux 6.18 answered through fsconfig(2), without a device.
TAKEN = {
    "xfs": "logbufs=8 logbsize=256k wsync noalign swalloc sunit=8 swidth=16 nouuid grpid nogrpid"
    " allocsize=64k allocsize=1g inode64 inode32 ikeep largeio attr2 filestreams quota noquota"
    " usrquota prjquota uquota gqnoenforce discard nodiscard dax dax=always dax=never sync ro",
    "ext4": "acl bsddf grpid resgid=1 errors=remount-ro errors=panic nouid32 user_xattr commit=5"
    " max_batch_time=1 journal_checksum data=ordered data_err=abort usrquota prjquota barrier"
    " barrier=0 nobarrier i_version dax=always stripe=4 nodelalloc block_validity"
    " inode_readahead_blks=32 journal_ioprio=3 auto_da_alloc dioread_nolock discard init_itable=10",
}
REFUSED = {
    "xfs": "logbufs=x logbufs barrier nobarrier bogus=1 bogus acl user_xattr errors=remount-ro"
    " wsync=1 remount bind loop #",
    "ext4": "errors=x commit=x commit data=x journal_ioprio=9 bogus bogus=1 inode64 nouuid"
    " journal=update noacl nouser_xattr remount logbufs=8",
}


@pytest.mark.parametrize("filesystem", ["xfs", "ext4"])
def test_options_are_taken_as_the_kernel_takes_them(filesystem: str) -> None:
    assert not [one for one in TAKEN[filesystem].split() if not takes(filesystem, one)]
    assert not [one for one in REFUSED[filesystem].split() if takes(filesystem, one)]
    always = "noatime relatime lazytime nodev x-systemd.idle-timeout=60 X-mount.mkdir comment=a=b"
    assert all(takes(filesystem, one) for one in always.split())


def test_a_place_is_the_systems_with_all_below_it() -> None:
    places = "/etc /etc/systemd /proc/x /dev/shm /usr/share /boot/efi /var/lib/glusterd/vols /run/x"
    assert all(map(is_system_place, places.split()))
    assert not any(
        map(is_system_place, ["/srv", "/etcx", "/var/lib/mysql", "/opt/data", "/home/x"])
    )
    assert is_system_place("/var/lib/rpm/x", ["/var/lib/rpm"])
    assert not is_system_place("/var/lib/rpmx", ["/var/lib/rpm"])
