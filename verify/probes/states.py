"""Files, packages and units, asked in one process: UNIT-OPTIONS DPKG RPM QUESTION...

A question is `file PATH`, `package NAME` or `unit NAME`; what is before them is how packages and
units are asked for. Prints [code, output, errors] for each, as the commands would that it stands
for: `stat` and `sha256sum`, the package manager, `systemctl show`.
"""

from __future__ import annotations

import grp
import hashlib
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys

# A file that takes longer is given up, and not all that is asked with it.
LONGEST = 8
TYPES = {
    stat.S_IFREG: "regular file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "block special file",
    stat.S_IFCHR: "character special file",
}


class LateError(Exception):
    """The time of one file is over."""


def late(*_: object) -> None:
    raise LateError


def run(*command: str) -> tuple[int, str, str]:
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        return 127, "", f"{command[0]}: {error.strerror}"
    text = [part.decode("utf-8", "backslashreplace") for part in (done.stdout, done.stderr)]
    return done.returncode, text[0], text[1]


def file(path: str) -> tuple[int, str, str]:
    line, times = "", int(os.environ.get("STOOK_TIMES", "1"))
    signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST * times)
    try:
        if not os.path.lexists(path):
            return 0, "absent\n", ""
        seen = os.lstat(path)
        regular = stat.S_ISREG(seen.st_mode)
        kind = TYPES.get(stat.S_IFMT(seen.st_mode), "weird file")
        kind = "regular empty file" if regular and not seen.st_size else kind
        line = f"{kind}|{stat.S_IMODE(seen.st_mode):o}|{user(seen.st_uid)}|{group(seen.st_gid)}\n"
        return 0, line + (f"{digest(path)}  -\n" if regular else ""), ""
    except LateError:
        return 124, line, f"{path}: it takes too long"
    except OSError as error:
        return 1, line, f"{path}: {error.strerror}"
    finally:
        signal.alarm(0)


def digest(path: str) -> str:
    summed = hashlib.sha256()
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as opened:
        while part := opened.read(1 << 20):
            summed.update(part)
    return summed.hexdigest()


def user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return "UNKNOWN"


def group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return "UNKNOWN"


def packages(names: list[str], dpkg: str, rpm: str) -> dict[str, tuple[int, str, str]]:
    """What the manager says of several; of one that it does not name so it is asked alone."""
    if shutil.which("dpkg-query"):
        command, name, form = ("dpkg-query", "-W", "-f"), "${Package}", dpkg
    else:
        command, name, form = ("rpm", "-q", "--qf"), "%{NAME}", rpm
    answers: dict[str, tuple[int, str, str]] = {}
    for line in run(*command, f"{name}\t{form}", *names)[1].splitlines(keepends=True):
        of, tab, rest = line.partition("\t")
        if tab:
            answers[of] = (0, answers.get(of, (0, "", ""))[1] + rest, "")
    return {name: answers.get(name) or run(*command, form, name) for name in names}


def units(names: list[str], options: list[str]) -> dict[str, tuple[int, str, str]]:
    """What systemd says of several: its answers are in their order, with a blank line between."""
    command = ("systemctl", "show", *options, "--")
    code, out, err = run(*command, *names)
    parts = out.rstrip("\n").split("\n\n")
    if code == 0 and not err and len(parts) == len(names):
        return {name: (0, f"{part}\n", "") for name, part in zip(names, parts)}
    return {name: run(*command, name) for name in names}


def main(options: str, dpkg: str, rpm: str, *questions: str) -> None:
    asked = [question.split(" ", 1) for question in questions]
    of = {kind: [name for one, name in asked if one == kind] for kind in ("package", "unit")}
    answers = {
        "package": packages(of["package"], dpkg, rpm) if of["package"] else {},
        "unit": units(of["unit"], options.split()) if of["unit"] else {},
    }
    for kind, name in asked:
        print(json.dumps(file(name) if kind == "file" else answers[kind][name]))


if __name__ == "__main__":
    main(*sys.argv[1:])
