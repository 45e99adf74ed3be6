"""One ICMP echo: ADDRESS. Ends well when it is answered within two seconds."""

from __future__ import annotations

import socket
import sys


def main(address: str) -> None:
    echo = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    echo.settimeout(2)
    echo.sendto(bytes.fromhex("0800f7ff00000000"), (address, 0))
    while True:
        packet, (source, _) = echo.recvfrom(2048)
        if source == address and packet[(packet[0] & 15) * 4] == 0:
            break


if __name__ == "__main__":
    main(*sys.argv[1:])
