"""Where apt takes packages from, whom it believes, and what it prefers, as JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from verify.probes.packaged import look_up

APT = "/etc/apt"
# With one of them, apt takes what nobody has signed (apt-secure(8)).
LOOSE = ("trusted", "allow-insecure", "allow-weak", "allow-downgrade-to-insecure")
SETTING = re.compile(
    r"^(APT::Get::AllowUnauthenticated|Acquire::Allow\w+|Acquire::\S*?Verify-\w+) \"(.*)\";$",
    re.M | re.I,
)
YES = re.compile(r"yes|true|with|on|enable|1", re.I)
NO = re.compile(r"no|false|without|off|disable|0", re.I)
ONE_LINE = re.compile(r"(\S+)\s+(?:\[([^]]*)\]\s*)?(.*)")


class Source(NamedTuple):
    """`keys` are files of keys or, as apt also takes them, fingerprints or a whole key."""

    file: str
    uris: list[str]
    suites: list[str]
    keys: list[str]
    loose: list[str]


def of(file: str, fields: dict[str, str]) -> Iterator[Source]:
    """One source of binary packages, by the fields of deb822(5), in lower case."""
    if "deb" not in fields.get("types", "").split() or NO.fullmatch(fields.get("enabled", "")):
        return
    key = fields.get("signed-by", "")
    keys = ["a whole key"] if "BEGIN PGP" in key else re.split(r"[\s,]+", key.strip())
    loose = [name for name in LOOSE if YES.fullmatch(fields.get(name, ""))]
    uris, suites = fields.get("uris", "").split(), fields.get("suites", "").split()
    yield Source(file, uris, suites, [one for one in keys if one], loose)


def one_line(file: str, text: str) -> Iterator[Source]:
    """sources.list(5): a type, options in brackets, a place, a suite and components."""
    for line in text.splitlines():
        match = ONE_LINE.match(line.partition("#")[0].strip())
        if match and len(match[3].split()) >= 2:
            pairs = (word.partition("=")[::2] for word in (match[2] or "").split())
            options = {name.lower().rstrip("+-"): value for name, value in pairs}
            uri, suite = match[3].split()[:2]
            yield from of(file, {**options, "types": match[1], "uris": uri, "suites": suite})


def deb822(file: str, text: str) -> Iterator[Source]:
    """Paragraphs of fields, a further line of which begins with a blank."""
    fields: dict[str, str] = {}
    name = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            yield from of(file, fields)
            fields = {}
        elif line[0] in " \t" and name:
            fields[name] = f"{fields.get(name, '')}\n{line.strip()}"
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()


def files(folder: str, *endings: str) -> list[str]:
    """Those of a folder that apt reads, by the end of their names."""
    names = sorted(path.name for path in Path(folder).glob("[!.]*"))
    return [f"{folder}/{name}" for name in names if name.endswith(endings)]


def is_file(path: str) -> bool:
    return Path(path).is_file()


def sources(apt: str = APT) -> Iterator[Source]:
    lists = [f"{apt}/sources.list", *files(f"{apt}/sources.list.d", ".list", ".sources")]
    for path in filter(is_file, lists):
        read = deb822 if path.endswith(".sources") else one_line
        yield from read(path, Path(path).read_text(errors="replace"))


def report(apt: str = APT) -> dict[str, object]:
    """`packaged` are the files that are as a package has brought them."""
    every = list(sources(apt))
    trusted = [f"{apt}/trusted.gpg", *files(f"{apt}/trusted.gpg.d", ".gpg", ".asc")]
    keys = [path for path in trusted if is_file(path) and Path(path).stat().st_size]
    pins = list(filter(is_file, [f"{apt}/preferences", *files(f"{apt}/preferences.d", "")]))
    named = [key for one in every for key in one.keys if key.startswith("/")]
    paths = dict.fromkeys([*(one.file for one in every), *keys, *pins, *named])
    asked = {path: os.path.realpath(path) for path in paths}
    good = {file.path for file in look_up(asked.values()) if file.package and file.same}
    packaged = [path for path, real in asked.items() if real in good]
    return {"sources": every, "keys": keys, "preferences": pins, "packaged": packaged}


def settings() -> list[str]:
    """Those of apt.conf(5) with which no signature or certificate is looked at."""
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"apt-config: {done.stderr.strip()[:200]}")
    pairs = SETTING.findall(done.stdout)
    return [
        f"{name}={value}"
        for name, value in pairs
        if (NO if "Verify-" in name else YES).fullmatch(value)
    ]


if __name__ == "__main__":
    print(json.dumps({**report(), "settings": settings()}))
