"""One GET: SECONDS BYTES ADDRESS PORT HOST PATH HEADER-LINE... Prints the answer as JSON."""

from __future__ import annotations

import http.client
import json
import sys


def main(wait: str, most: str, address: str, port: str, host: str, path: str, *lines: str) -> None:
    result: dict[str, object] = {"status": 0, "headers": {}, "body": "", "error": ""}
    try:
        server = http.client.HTTPConnection(address, int(port), timeout=float(wait))
        # it sends a path as it stands; urllib and curl tidy it up
        server.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        for line in [f"Host: {host}", "Connection: close", *lines]:
            name, _, value = line.partition(": ")
            server.putheader(name, value)
        server.endheaders()
        answer = server.getresponse()
        result["status"] = answer.status
        result["headers"] = {name.lower(): value for name, value in answer.getheaders()}
        result["body"] = answer.read(int(most)).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        result["error"] = str(error) or type(error).__name__
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
