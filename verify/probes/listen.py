"""Listen on a port of every address: PORT NOTE SECONDS. NOTE gets the number of the process."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path


def main(port: str, note: str, life: str) -> None:
    signal.alarm(int(life))
    listener = socket.socket(socket.AF_INET6)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("::", int(port)))
    listener.listen()
    Path(note).write_text(str(os.getpid()))
    while True:
        listener.accept()[0].close()


if __name__ == "__main__":
    main(*sys.argv[1:])
