"""What starts on a node by itself, of units, generators, scripts and cron, as JSON.

Only what lasts is looked at: what is below /run is gone with the next boot.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from verify.probes.packaged import look_up

UNIT = (
    r"[^/]+\.(service|socket|timer|path|mount|automount|swap|target|slice|device)"
    r"|.+\.(d/[^/]+\.conf|(wants|requires|upholds)/[^/]+)"
)
PROGRAM = r"[^./][^/]*"
CRON = r"[A-Za-z0-9_-]+"
GENERATORS = (
    *("system-generators", "user-generators", "system-shutdown", "system-sleep"),
    *("system-environment-generators", "user-environment-generators"),
)
SYSTEMD = ("/etc/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd")
PLACES = (
    *((f"{top}/{of}", UNIT) for top in SYSTEMD for of in ("system", "user")),
    *((f"/etc/systemd/{of}", UNIT) for of in ("system.control", "system.attached")),
    *((f"/usr/{of}share/systemd/user", UNIT) for of in ("", "local/")),
    *((f"{top}/{of}.conf.d", r"[^/]+\.conf") for top in SYSTEMD for of in ("system", "user")),
    *((f"{top}/{of}", PROGRAM) for top in SYSTEMD for of in GENERATORS),
    ("/etc/init.d", PROGRAM),
    # run as root whenever somebody logs in, before he gets his shell (pam_motd)
    ("/etc/update-motd.d", CRON),
    *((f"/etc/cron.{of}", CRON) for of in ("d", "hourly", "daily", "weekly", "monthly", "yearly")),
    *((f"/var/spool/cron/{of}", PROGRAM) for of in ("crontabs", "atjobs")),
    ("/var/lib/systemd/linger", PROGRAM),
)
SINGLE = ("/etc/crontab", "/etc/anacrontab", "/etc/rc.local")
# systemd passes over what package managers and editors have left behind (path-util.c)
LEFT = re.compile(r"~$|\.(bak|old|new|swp|rpm\w+|dpkg-\w+|ucf-\w+)$")
DEEP = 3


def entries(folder: str, depth: int = DEEP) -> Iterator[str]:
    """All below a folder, by their paths in it; a link to a folder counts as one."""
    try:
        below = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in below:
        if not entry.is_dir():
            yield entry.name
        elif depth:
            yield from (f"{entry.name}/{name}" for name in entries(entry.path, depth - 1))


def places(top: str = "") -> Iterator[str]:
    """Where what is started lies: a link is what it leads to, and may lead nowhere."""
    for folder, pattern in PLACES:
        whole = re.compile(pattern)
        for name in entries(top + folder):
            if whole.fullmatch(name) and not LEFT.search(name):
                yield os.path.realpath(f"{top}{folder}/{name}")
    yield from (os.path.realpath(top + path) for path in SINGLE)


def report(paths: Iterator[str]) -> dict[str, object]:
    """Files that no package has, packaged ones that were changed, and whose the others are."""
    files = look_up(sorted({path for path in paths if Path(path).is_file()}))
    return {
        "looked": len(files),
        "beyond": [file.path for file in files if not file.package],
        "changed": [file.path for file in files if file.package and not file.same],
        "packages": sorted({file.package.partition(":")[0] for file in files if file.package}),
    }


if __name__ == "__main__":
    print(json.dumps(report(places())))
