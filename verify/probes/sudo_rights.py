"""What sudo lets each account do, and where it has its rules from, as JSON: ABSENT GROUP...

Asked for every account of the name service, and for the members of the groups that are given. The
code is ABSENT where there is neither the program nor its file.
"""

from __future__ import annotations

import grp
import json
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

HEADER = "may run the following commands on"
NOBODY = ("is not allowed to run sudo on", "unknown user")


def rights(name: str) -> list[str]:
    """The rules as sudo prints them; that there is none is said in words, whatever the code."""
    words = ["sudo", "-n", "-l", "-U", name]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace")
    if HEADER in done.stdout:
        lines = done.stdout.split(HEADER, 1)[1].splitlines()[1:]
        return [" ".join(line.split()) for line in lines if line.strip()]
    if not any(words in done.stdout + done.stderr for words in NOBODY):
        said = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        sys.exit(f"sudo -l -U {name}: {said}")
    return []


def groups(name: str) -> list[str]:
    """Those of an account, its own among them; a member need not have an account here."""
    mine = [one.gr_name for one in grp.getgrall() if name in one.gr_mem]
    with suppress(KeyError):
        mine.append(grp.getgrgid(pwd.getpwnam(name).pw_gid).gr_name)
    return sorted(set(mine))


def members(name: str) -> list[str]:
    try:
        return grp.getgrnam(name).gr_mem
    except KeyError:
        return []


def sources(text: str) -> Iterator[str]:
    """What nsswitch.conf names for rules, and files where it names nothing (sudoers.ldap(5))."""
    lines = re.findall(r"^\s*sudoers\s*:([^#\n]*)", text, re.M)
    yield from re.sub(r"\[[^]]*\]", " ", lines[0]).split() if lines else ["files"]


def plugins(text: str) -> Iterator[str]:
    """Those of sudo.conf(5) that decide, or watch, instead of sudo's own."""
    for _, path in re.findall(r"^\s*Plugin\s+(\S+)\s+(\S+)", text, re.M):
        if not re.fullmatch(r"(/usr/lib(exec)?/sudo/)?(sudoers|sudo_intercept)\.so", path):
            yield path


def read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def report(named: list[str]) -> dict[str, object]:
    accounts = [one.pw_name for one in pwd.getpwall()]
    asked = dict.fromkeys([*accounts, *(name for group in named for name in members(group))])
    granted = {name: rights(name) for name in asked}
    return {
        "asked": len(granted),
        "rights": {name: lines for name, lines in granted.items() if lines},
        "groups": {name: groups(name) for name, lines in granted.items() if lines},
        "sources": list(sources(read("/etc/nsswitch.conf"))),
        "plugins": list(plugins(read("/etc/sudo.conf"))),
    }


def main(absent: str, *named: str) -> None:
    if not shutil.which("sudo") and not Path("/etc/sudoers").exists():
        sys.exit(int(absent))
    print(json.dumps(report(list(named))))


if __name__ == "__main__":
    main(*sys.argv[1:])
