"""A file that is written to a file system through one node is read through another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from shlex import quote

from verify.contract import Command, Difference, Output
from verify.readers import kept


@dataclass(frozen=True, slots=True)
class Want:
    """The nodes have the keyring of client.admin."""

    filesystem: str
    writer: str
    reader: str


# A metadata server that has just started serves after some seconds.
PATIENCE = 15
LONGEST = 300
# python3-cephfs comes with ceph-common; nothing is mounted where others could see it.
# A metadata server waits a minute for a client that has gone without a word, and so do all others,
# the next question among them. So what is given up is not ended: by itself it goes on until it can
# leave in order, and takes its file with it.
_CLIENT = f"""
import cephfs, os, select, signal, sys
name, path, token = sys.argv[1:4]
asker = os.getpid()
ended, alive = os.pipe()
client = os.fork()
if client:
    os.close(alive)
    if not select.select([ended], [], [], {PATIENCE})[0]:
        sys.exit({kept.WAITED})
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(client, 0)[1]))
os.setsid()
signal.alarm({LONGEST})
fs = cephfs.LibCephFS(conffile="/etc/ceph/ceph.conf", auth_id="admin")
try:
    fs.mount(filesystem_name=name.encode())
    STEP
except cephfs.Error as error:
    sys.exit(str(error))
finally:
    fs.shutdown()
"""
_STEPS = {
    "write": """file = fs.open(path, "w", 0o600)
    fs.write(file, token.encode(), 0)
    fs.fsync(file, 0)
    fs.close(file)
    if os.getppid() != asker:
        fs.unlink(path)
    print(token)""",
    "read": """file = fs.open(path, "r")
    print(fs.read(file, 0, 100).decode("utf-8", "replace"))
    fs.close(file)""",
    "clean": "fs.unlink(path)",
}
Seen = kept.Kept


def commands(want: Want) -> Mapping[str, Command]:
    """Name and contents are new on every call, so that nothing left over can be read."""
    token = token_hex(8)
    words = " ".join(map(quote, (want.filesystem, f"/stook-verify-{token}", token)))
    nodes = {"write": want.writer, "read": want.reader, "clean": want.writer}
    clients = {key: quote(_CLIENT.replace("STEP", step)) for key, step in _STEPS.items()}
    run = {key: (nodes[key], f"python3 -c {clients[key]} {words}") for key in nodes}
    return kept.commands(run)


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A refusal is an answer, and so is none."""
    return kept.read(outputs, "CephFS", "Traceback")


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What one node wrote is what the other reads."""
    return kept.differences(seen, want.writer, want.reader)
