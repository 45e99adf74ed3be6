"""Ask a Ceph daemon over its socket: SECONDS NAME QUESTION. Prints its answer.

What `ceph daemon` sends: JSON up to a zero byte. The answer comes after its size in four bytes
(src/common/admin_socket.cc). A tenth of what the command costs.
"""

from __future__ import annotations

import socket
import subprocess
import sys

WHERE = "--show-config-value", "admin_socket"


def configured(name: str, patience: int) -> str:
    """Where the daemon's socket is, by ceph.conf."""
    try:
        asked = ["ceph-conf", "--name", name, *WHERE]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=patience)
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.exit(str(error))
    if done.returncode:
        sys.exit(done.stderr.strip() or f"ceph-conf: exit code {done.returncode}")
    return done.stdout.strip()


def main(seconds: str, name: str, question: str) -> None:
    path, daemon = configured(name, int(seconds)), socket.socket(socket.AF_UNIX)
    daemon.settimeout(int(seconds))
    try:
        daemon.connect(path)
        daemon.sendall(question.encode() + bytes(1))
        answer = daemon.makefile("rb")
        size = int.from_bytes(answer.read(4), "big")
        sys.stdout.buffer.write(answer.read(size))
    except OSError as error:
        sys.exit(f"{path}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
