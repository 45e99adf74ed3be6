"""Ask a Ceph daemon over its socket: SOCKET QUESTION. Prints its answer.

What `ceph daemon` sends: JSON up to a zero byte. The answer comes after its size in four bytes
(src/common/admin_socket.cc). A tenth of what the command costs.
"""

from __future__ import annotations

import socket
import sys


def main(path: str, question: str) -> None:
    daemon = socket.socket(socket.AF_UNIX)
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
