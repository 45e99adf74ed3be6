"""One request that says it comes from elsewhere: ADDRESS PORT MARK FORGED. Prints who asked."""

from __future__ import annotations

import http.client
import sys


def main(address: str, port: str, mark: str, forged: str) -> None:
    visit = http.client.HTTPConnection(address, int(port), timeout=10)
    try:
        visit.connect()
        source = visit.sock.getsockname()[0]
        visit.request("GET", f"/?{mark}", headers={"X-Forwarded-For": forged})
        visit.getresponse().read()
        print(source)
    except (OSError, http.client.HTTPException) as error:
        sys.exit(type(error).__name__)


if __name__ == "__main__":
    main(*sys.argv[1:])
