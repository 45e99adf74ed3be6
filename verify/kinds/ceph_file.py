"""A file that is written to a file system through one node is read through another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers.answers import said, text


@dataclass(frozen=True, slots=True)
class Want:
    """The nodes have the keyring of client.admin."""

    filesystem: str
    writer: str
    reader: str


WRITE, READ, CLEAN = 1, 2, 3
# A mount waits for a metadata server for as long as it is let (client_mount_timeout, 300 s).
PATIENCE = 15
LIMIT = 30
# 124 would be the end of our own time limit, not of this one.
WAITED = 75
# python3-cephfs comes with ceph-common; nothing is mounted where others could see it.
_CLIENT = """
import cephfs, sys
name, path, token = sys.argv[1:4]
fs = cephfs.LibCephFS(conffile="/etc/ceph/ceph.conf", auth_id="admin")
try:
    fs.mount(filesystem_name=name.encode())
    STEP
    fs.shutdown()
except cephfs.Error as error:
    sys.exit(str(error))
"""
_STEPS = {
    "write": """file = fs.open(path, "w", 0o600)
    fs.write(file, token.encode(), 0)
    fs.fsync(file, 0)
    fs.close(file)
    print(token)""",
    "read": """file = fs.open(path, "r")
    print(fs.read(file, 0, 100).decode("utf-8", "replace"))
    fs.close(file)""",
    "clean": "fs.unlink(path)",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was written and read; `error: ...` for a refusal, and for an answer that never came."""

    token: str
    written: str
    read: str


def commands(want: Want) -> Mapping[str, Command]:
    """Name and contents are new on every call, so that nothing left over can be read."""
    token = token_hex(8)
    words = " ".join(map(quote, (want.filesystem, f"/stook-verify-{token}", token)))
    where = {
        "write": (want.writer, WRITE),
        "read": (want.reader, READ),
        "clean": (want.writer, CLEAN),
    }
    late = f"code=$?; [ $code -lt 124 ] || exit {WAITED}; exit $code"
    asked = {}
    for key, (node, step) in where.items():
        client = quote(_CLIENT.replace("STEP", _STEPS[key]))
        run = f"timeout -k 2 {PATIENCE} python3 -c {client} {words} || {{ {late}; }}"
        asked[key] = Command(run, f"node:{node}", LIMIT, step)
    return asked


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A refusal is an answer. Raises `Unreadable` where nobody could ask, or a file was left."""
    written, read = (_said(outputs[key], key) for key in ("write", "read"))
    if _fine(written):
        text(outputs["clean"], "unlink")
    return Seen(written if _fine(written) else "", written, read)


def _said(output: Output, asked: str) -> str:
    if output.code == WAITED:
        return f"error: no answer in {PATIENCE} s"
    printed = text(output, asked, codes=(0, 1)).strip()
    if output.code == 1 and "Traceback" in output.err:
        raise Unreadable(f"{asked}: {said(output)}")
    if output.code == 0 and not printed:
        raise Unreadable(f"{asked}: it printed nothing")
    return printed if output.code == 0 else f"error: {said(output)}"


def _fine(words: str) -> bool:
    return not words.startswith("error: ")


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Where nothing could be written there is nothing to read."""
    if not _fine(seen.written):
        return (Difference(f"write on {want.writer}", "done", seen.written),)
    if seen.read != seen.token:
        return (Difference(f"read on {want.reader}", seen.token, seen.read),)
    return ()
