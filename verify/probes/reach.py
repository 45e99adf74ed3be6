"""Try to reach a port: ADDRESS PORT tcp|udp SECONDS. Prints OK, or the kernel's word."""

from __future__ import annotations

import errno
import socket
import sys


def main(address: str, port: str, kind: str, wait: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    probe = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    probe.settimeout(float(wait))
    try:
        probe.connect((address, int(port)))
        if kind == "udp":
            probe.send(b"\0")
            probe.recv(1)
        print("OK")
    except socket.timeout:
        print("ETIMEDOUT")
    except OSError as error:
        print(errno.errorcode.get(error.errno or 0, str(error)))


if __name__ == "__main__":
    main(*sys.argv[1:])
