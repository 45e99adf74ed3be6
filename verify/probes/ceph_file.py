"""A file of CephFS: write|read|clean FILESYSTEM PATH TOKEN PATIENCE LONGEST WAITED POOL.

python3-cephfs comes with ceph-common; nothing is mounted where others could see it. A metadata
server waits a minute for a client that has gone without a word, and so do all others, the next
question among them. So what is given up, with the code WAITED, is not ended: by itself it goes on
until it can leave in order, and takes its file with it.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from typing import Any


def write(fs: Any, path: str, token: str, asker: int, pool: str) -> None:
    file = fs.open(path, "w", 0o600)
    if pool:
        fs.setxattr(path, "ceph.file.layout.pool", pool.encode(), 0)
    fs.write(file, token.encode(), 0)
    fs.fsync(file, 0)
    fs.close(file)
    if os.getppid() != asker:
        fs.unlink(path)
    print(token)


def read(fs: Any, path: str, token: str, asker: int, pool: str) -> None:
    file = fs.open(path, "r")
    print(fs.read(file, 0, 100).decode("utf-8", "replace"))
    fs.close(file)


def clean(fs: Any, path: str, token: str, asker: int, pool: str) -> None:
    fs.unlink(path)


STEPS = {"write": write, "read": read, "clean": clean}


def main(
    step: str,
    name: str,
    path: str,
    token: str,
    patience: str,
    longest: str,
    waited: str,
    pool: str,
) -> None:
    import cephfs  # type: ignore[import-not-found]

    asker = os.getpid()
    ended, alive = os.pipe()
    client = os.fork()
    if client:
        os.close(alive)
        if not select.select([ended], [], [], float(patience))[0]:
            sys.exit(int(waited))
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(client, 0)[1]))
    os.setsid()
    signal.alarm(int(longest))
    fs = cephfs.LibCephFS(conffile="/etc/ceph/ceph.conf", auth_id="admin")
    try:
        fs.mount(filesystem_name=name.encode())
        STEPS[step](fs, path, token, asker, pool)
    except cephfs.Error as error:
        sys.exit(str(error))
    finally:
        fs.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
