"""How the monitors receive a client with its own key: NAME SECONDS. Prints [errno, words].

By ceph.conf and the key that it names, as whoever uses the client does.
"""

from __future__ import annotations

import json
import os
import sys


def main(name: str, patience: str) -> None:
    said = [0, "connected"]
    try:
        import rados  # type: ignore[import-not-found]

        cluster = rados.Rados(name=f"client.{name}", conffile="")
        cluster.conf_set("client_mount_timeout", patience)
        cluster.connect()
    except Exception as error:
        said = [getattr(error, "errno", None) or -1, str(error) or type(error).__name__]
    print(json.dumps(said), flush=True)
    # without tidying up, as of a client that is refused the library's threads may still run
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
