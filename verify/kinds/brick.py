"""A brick lies on its own disk, not on the root disk, and belongs to its volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Word
from verify.readers import gluster, mountinfo
from verify.readers.answers import ABSENT, text
from verify.readers.compare import same
from verify.readers.shell import MOUNT_TABLE
from verify.readers.shell import gluster as ask


@dataclass(frozen=True, slots=True)
class Want:
    """`mount` is the disk's mount point, `path` the brick's directory below it."""

    path: AbsolutePath
    mount: AbsolutePath
    volume: Word


MARK = "trusted.glusterfs.volume-id"


@dataclass(frozen=True, slots=True)
class Seen:
    """Device numbers of brick and root, what is mounted, and the volume the brick is marked for."""

    exists: bool
    mounted: bool
    on_mount: bool
    on_root: bool
    mark: str
    volume_id: str


def commands(want: Want) -> Mapping[str, Command]:
    """Devices by stat, the mark by getfattr or python3, the volume's id from gluster."""
    path, mount = quote(want.path), quote(want.mount)
    python = quote(f"import os, sys; print('0x' + os.getxattr(sys.argv[1], '{MARK}').hex())")
    return {
        "table": Command(MOUNT_TABLE),
        "devices": Command(f"[ -d {path} ] || exit {ABSENT}; stat -c %d -- {path} {mount} /"),
        "mark": Command(
            f"[ -d {path} ] || exit {ABSENT}; if command -v getfattr >/dev/null; then "
            f"getfattr -n {MARK} -e hex --absolute-names -- {path}; "
            f"else python3 -c {python} {path}; fi"
        ),
        "volume": Command(ask("volume", "info", want.volume), timeout=20),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A directory without the mark is an answer: it belongs to no volume."""
    mounted = mountinfo.at(mountinfo.read(outputs["table"]), want.mount) is not None
    devices = text(outputs["devices"], f"stat {want.path}", codes=(0, ABSENT)).split()
    if outputs["devices"].code == ABSENT:
        return Seen(False, mounted, False, False, "", "")
    if len(devices) != 3:
        raise Unreadable(f"stat {want.path}: cannot read {devices!r}")
    root = gluster.answer(outputs["volume"], f"gluster volume info {want.volume}")
    identity = gluster.field(root, ".//volume/id").replace("-", "")
    own, disk, system = devices
    return Seen(True, mounted, own == disk, own == system, _mark(outputs["mark"]), identity)


def _mark(output: Output) -> str:
    if output.code == 1 and ("No such attribute" in output.err or "No data" in output.err):
        return ""
    values = [word for word in text(output, MARK).replace("=", " ").split() if word[:2] == "0x"]
    if not values:
        raise Unreadable(f"{MARK}: cannot read {output.out!r}")
    return values[0][2:]


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A brick on the root disk fills it, and hides the real one when the disk comes back."""
    return (
        *same("disk", "mounted", "mounted" if seen.mounted else f"nothing on {want.mount}"),
        *same("brick", "there", "there" if seen.exists else "absent"),
        *(_place(want, seen) if seen.exists else ()),
    )


def _place(want: Want, seen: Seen) -> tuple[Difference, ...]:
    lies = "on /" if seen.on_root else f"on {want.mount}" if seen.on_mount else "elsewhere"
    return (
        *same("lies", f"on {want.mount}", lies),
        *same("volume id", seen.volume_id, seen.mark),
    )
