"""Questions about files, packages and units: most of a node's, so one process answers them all."""

from __future__ import annotations

from shlex import quote

from verify import probes
from verify.contract import Command

PROPERTIES = ("LoadState", "ActiveState", "SubState", "UnitFileState", "Result")
FILES = ("FragmentPath", "DropInPaths")
OPTIONS = " ".join(f"-p {name}" for name in (*PROPERTIES, *FILES))
DPKG = "${db:Status-Status} ${db:Status-Eflag} ${Version}\\n"
RPM = "installed ok %{VERSION}-%{RELEASE}\\n"


PROGRAM = probes.python("states", OPTIONS, DPKG, RPM)


def file(path: str) -> Command:
    """Type, mode, owner, group and digest in one go; a link is not followed."""
    word = quote(path)
    text = (
        f"if [ -e {word} ] || [ -L {word} ]; then stat -c '%F|%a|%U|%G' -- {word} || exit; "
        f"[ -L {word} ] || [ ! -f {word} ] || sha256sum <{word}; else echo absent; fi"
    )
    return Command(text, program=PROGRAM, question=f"file {path}")


def package(name: str) -> Command:
    """dpkg where there is one, else rpm, in dpkg's words: state, error flag and version."""
    word = quote(name)
    text = (
        f"if command -v dpkg-query >/dev/null; then dpkg-query -W -f '{DPKG}' {word}; "
        f"else rpm -q --qf '{RPM}' {word}; fi"
    )
    return Command(text, program=PROGRAM, question=f"package {name}")


def unit(name: str) -> Command:
    """`show` and not `is-active`: one question, and it tells a failed unit from a stopped one."""
    text = f"systemctl show {OPTIONS} -- {quote(name)}"
    return Command(text, program=PROGRAM, question=f"unit {name}")
