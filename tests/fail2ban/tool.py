"""The real fail2ban, unpacked beside the tests or installed; nothing of it is ever started."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from generator.claims import Log, LogField
from generator.components.fail2ban.filters import Filter, Layout
from generator.components.web.layout import WATCHES
from generator.formats.fail2ban import quote

UNPACKED = Path(__file__).parents[2] / ".cache" / "fail2ban"

DIRECT: Layout = (
    "- ",
    LogField.USER,
    " [",
    LogField.TIME,
    '] "',
    LogField.REQUEST,
    '" ',
    LogField.STATUS,
    " ",
    LogField.BYTES,
    ' "',
    LogField.REFERER,
    '" "',
    LogField.AGENT,
    '" "',
    LogField.FORWARDED,
    '"',
)
PROXIED: Layout = (*DIRECT[:-2], LogField.CLIENT, '"')
XMLRPC, LOGIN, EVERY_LOGIN = WATCHES
MISSION = (
    '- - [15/May/2016:11:55:14 +0000] "POST /xmlrpc.php HTTP/1.0" 200 370 "-" '
    '"Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)" "203.0.113.9"'
)


def log(node: str, *, proxied: bool = False) -> Log:
    """The log that a web server would claim."""
    return Log(
        node=node,
        spec=("web",),
        role="web/nginx",
        path="/var/log/nginx/access.log",
        owner="www-data",
        group="adm",
        mode="0640",
        layout=PROXIED if proxied else DIRECT,
        watches=(XMLRPC, LOGIN),
        ports=(80,),
        unit="nginx.service",
        proxies=("192.0.2.0/24",) if proxied else (),
        deny="/etc/nginx/deny.conf" if proxied else "",
        deny_reload="systemctl reload nginx.service" if proxied else "",
    )


def run(
    name: str, *arguments: str, home: Path | None = None, modules: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of fail2ban's programs; without an installed one, the unpacked one.

    `modules` is a folder of further ones of Python.
    """
    program = shutil.which(name)
    command, environment = [str(program)], dict(os.environ)
    config = Path("/etc/fail2ban")
    if program is None:
        assert (UNPACKED / "usr/bin" / name).exists(), "no fail2ban here: make tools"
        command = [sys.executable, str(UNPACKED / "usr/bin" / name)]
        environment["PYTHONPATH"] = str(UNPACKED / "usr/lib/python3/dist-packages")
        config = UNPACKED / "etc/fail2ban"
    if modules:
        environment["PYTHONPATH"] = f"{modules}:{environment.get('PYTHONPATH', '')}"
    command += ["-c", str(home or config), *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def packaged() -> Path:
    """The configuration as the package brings it."""
    return UNPACKED / "etc/fail2ban" if UNPACKED.exists() else Path("/etc/fail2ban")


def write_filter(found: Filter, folder: Path) -> Path:
    """A filter file as a bundle has it."""
    path = folder / "filter.conf"
    path.write_text(
        f"[Definition]\nfailregex = {quote(found.failregex)}\n"
        f"datepattern = {quote(found.datepattern)}\n"
    )
    return path


def matched(found: Filter, lines: Iterable[bytes], folder: Path) -> list[tuple[str, int]]:
    """The addresses and times that the real fail2ban-regex reads from lines, in order."""
    (folder / "log").write_bytes(b"\n".join(lines) + b"\n")
    path = write_filter(found, folder)
    done = run("fail2ban-regex", "--usedns", "no", "-o", "row", str(folder / "log"), str(path))
    assert done.returncode == 0, done.stderr
    rows = ast.literal_eval(f"[{done.stdout}]")
    return [(address, int(time)) for address, time, *_ in rows]
