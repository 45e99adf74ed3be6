"""Who can log in and who is in which group, as JSON; of keys and passwords only what is needed."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from verify.probes.sshd import NO_LOGIN, NOWHERE, STRANGER, Daemon, ask, daemons, files, settings

KEY = re.compile(r"(?:(.+?)\s+)?((?:ssh|ecdsa|sk)-\S+)\s+(AAAA[A-Za-z0-9+/=]+)")
DAY = 86400


def keys(path: str) -> Iterator[str]:
    """Those of a file, without comments; nothing else of what its owner may have linked it to."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return
    with os.fdopen(number, errors="replace") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return
        for line in file:
            match = None if line.lstrip().startswith("#") else KEY.match(line.strip())
            if match:
                yield " ".join(word for word in match.groups() if word)


def keys_of(one: pwd.struct_passwd, patterns: str) -> Iterator[str]:
    """In all the files that sshd reads for an account."""
    values = {"%%": "%", "%h": one.pw_dir, "%u": one.pw_name, "%U": str(one.pw_uid)}
    for pattern in patterns.split():
        path = re.sub("%.", lambda match: values.get(match[0], ""), pattern)
        if pattern != "none":
            yield from keys(str(Path(one.pw_dir, path)))


def shadow(text: str, today: float) -> Iterator[tuple[str, tuple[str, str]]]:
    """Whether each password could be the right one, and what keeps the account out for all that."""
    for line in text.splitlines():
        name, password, changed, _, longest, _, _, expires, *_ = f"{line}::::::::".split(":")
        state = "locked" if password[:1] in ("!", "*") else "usable" if password else "empty"
        aged = changed == "0" or (changed and longest and today > int(changed) + int(longest))
        shut = expires not in ("", "-1") and today >= int(expires)
        yield name, (state, "expired" if shut else "password expired" if aged else "")


def patterns(daemon: Daemon, matched: bool, name: str) -> str:
    return settings(daemon, name if matched else STRANGER, NOWHERE[0])["authorizedkeysfile"]


def accounts() -> Iterator[list[object]]:
    """Name, uid, gid, whether it has a shell, password, what shuts it out, and its keys."""
    known = dict(shadow(ask("getent", "shadow")[0], time.time() // DAY))
    asked = [(daemon, bool(files(daemon)[2])) for daemon in daemons()]
    if not asked:
        sys.exit("no sshd takes connections here")
    same = {daemon: patterns(daemon, False, "") for daemon, matched in asked if not matched}
    for one in pwd.getpwall():
        own: list[str] = []
        for daemon, _ in asked:
            own += keys_of(one, same.get(daemon) or patterns(daemon, True, one.pw_name))
        state, shut = known.get(one.pw_name, ("locked", ""))
        shell = not NO_LOGIN.search(one.pw_shell)
        yield [one.pw_name, one.pw_uid, one.pw_gid, shell, state, shut, list(dict.fromkeys(own))]


def groups() -> dict[str, list[str]]:
    """The members of each group that has some, those by their account's own group among them."""
    own = {one.pw_name: one.pw_gid for one in pwd.getpwall()}
    every = (
        (one.gr_name, {*one.gr_mem, *(name for name, gid in own.items() if gid == one.gr_gid)})
        for one in grp.getgrall()
    )
    return {name: sorted(members) for name, members in every if members}


if __name__ == "__main__":
    print(json.dumps({"accounts": list(accounts()), "groups": groups()}))
