"""Which keys sshd takes for an account's: a part of others."""

from __future__ import annotations

import os
import pwd
import re
import stat
from collections.abc import Iterator
from pathlib import Path

# As sshd reads a line: blanks and tabs alone end a word.
KEY = re.compile(
    rb"(?:(\S.*?)[ \t]+)?((?:ssh|ecdsa|sk)-[\w@.-]+)[ \t]+(AAAA[A-Za-z0-9+/=]+)(?:[ \t].*)?"
)
LARGEST = 1 << 20


def keys(path: str) -> Iterator[str]:
    """Each line that sshd takes for a key, without its comment.

    One that is not plainly a key is named by its place: sshd may read more into it than this does,
    and its owner may have linked the file to one that is not his to read.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return
        text = file.read(LARGEST + 1)
    for place, line in enumerate(text[:LARGEST].split(b"\n"), 1):
        line = line.strip()
        if line and not line.startswith(b"#"):
            match = KEY.fullmatch(line)
            words = b" ".join(word for word in match.groups() if word) if match else b""
            yield words.decode(errors="replace") or f"{path}:{place}, which cannot be read"
    if len(text) > LARGEST:
        yield f"{path}, which is too large to be read"


def files_of(one: pwd.struct_passwd, patterns: str) -> Iterator[str]:
    """All the files that sshd reads for an account."""
    values = {"%%": "%", "%h": one.pw_dir, "%u": one.pw_name, "%U": str(one.pw_uid)}
    for pattern in patterns.split():
        path = re.sub("%.", lambda match: values.get(match[0], ""), pattern)
        if pattern != "none":
            yield str(Path(one.pw_dir, path))
