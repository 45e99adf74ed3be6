"""Who can log in and who is in which group, as JSON; of keys and passwords only what is needed."""

from __future__ import annotations

import json
import pwd
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from verify.probes.authorized_keys import files_of, keys
from verify.probes.name_service import SHADOWED, groups, names_in, shadow, state, twice
from verify.probes.sshd import NO_LOGIN, NOWHERE, STRANGER, Daemon, ask, daemons, files, settings
from verify.probes.writable import writable

DAY = 86400
# What says who is who, and who is root.
DATABASES = ("passwd", "shadow", "group", "gshadow")
BELIEVED = (*DATABASES, "nsswitch.conf", "sudo.conf", "sudoers")
FOLDERS = ("sudoers.d", "pam.d", "security")


def patterns(daemon: Daemon, matched: bool, name: str) -> str:
    return settings(daemon, name if matched else STRANGER, NOWHERE[0])["authorizedkeysfile"]


class Keys:
    """The files with the keys of each account, as all the daemons have it."""

    def __init__(self) -> None:
        self.asked = [(daemon, bool(files(daemon)[2])) for daemon in daemons()]
        if not self.asked:
            sys.exit("no sshd takes connections here")
        self.same = {daemon: patterns(daemon, False, "") for daemon, some in self.asked if not some}

    def of(self, one: pwd.struct_passwd) -> list[str]:
        own: list[str] = []
        for daemon, _ in self.asked:
            own += files_of(one, self.same.get(daemon) or patterns(daemon, True, one.pw_name))
        return list(dict.fromkeys(own))


def accounts(paths: dict[str, list[str]], shadowed: str) -> Iterator[list[object]]:
    """Name, uid, gid, whether it has a shell, how passwd's own field is, password, what shuts it
    out, and its keys. PAM looks into shadow only where that field says so."""
    known = shadow(shadowed, time.time() // DAY)
    for one in pwd.getpwall():
        there = one.pw_passwd == SHADOWED
        field = SHADOWED if there else state(one.pw_passwd)
        password, shut = known.get(one.pw_name, ("locked", "")) if there else (field, "")
        shell = not NO_LOGIN.search(one.pw_shell)
        own = list(dict.fromkeys(key for path in paths[one.pw_name] for key in keys(path)))
        yield [one.pw_name, one.pw_uid, one.pw_gid, shell, field, password, shut, own]


def written(every: Keys, paths: dict[str, list[str]]) -> Iterator[str]:
    """What somebody else may write of all that decides who gets in and who is root."""
    here = [f"/etc/{name}" for name in (*BELIEVED, *FOLDERS)]
    here += [str(path) for name in FOLDERS for path in sorted(Path("/etc", name).glob("*"))]
    for daemon, _ in every.asked:
        read, folders, _ = files(daemon)
        here += [*read, *folders]
    yield from writable(here)
    for one in pwd.getpwall():
        own = [path for path in paths[one.pw_name] if Path(path).exists()]
        # a file that is not there yet may be put where a folder of all has them
        apart = [path for path in paths[one.pw_name] if not path.startswith(f"{one.pw_dir}/")]
        yield from writable([*own, *apart], one.pw_dir, one.pw_uid)


def main() -> None:
    every = Keys()
    paths: dict[str, list[str]] = {}
    for one in pwd.getpwall():
        paths.setdefault(one.pw_name, []).extend(every.of(one))
    hidden = {name: ask("getent", name)[0] for name in ("shadow", "gshadow")}
    answer = {
        "accounts": list(accounts(paths, hidden["shadow"])),
        "groups": list(groups(hidden["gshadow"])),
        "twice": twice(**{name: names_in(f"/etc/{name}") for name in DATABASES}),
        "writable": list(dict.fromkeys(written(every, paths))),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
