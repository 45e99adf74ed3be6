"""How a value of the spec is written into each line format, by that format's own rules.

One function per format. Formats that have a library (YAML, XML, JSON) are dumped by it instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from generator.claims import Mount
    from generator.site import Node


class Unwritable(ValueError):  # noqa: N818 - says what the value is
    """A value that the format has no way to write."""


def tsv(*fields: str) -> str:
    """A line of plan.tsv: fields between tabs, `-` for an empty one."""
    for value in fields:
        if any(character in value for character in "\t\n\r\0"):
            raise Unwritable(f"{value!r} cannot stand in a tab-separated line")
    return "\t".join(value or "-" for value in fields)


_FSTAB = str.maketrans({" ": "\\040", "\t": "\\011", "\n": "\\012", "\\": "\\134", "#": "\\043"})


def fstab(value: str) -> str:
    """A field of fstab(5): blanks, backslashes and hashes in octal."""
    return value.translate(_FSTAB)


def fstab_line(mount: Mount, options: tuple[str, ...]) -> str:
    """All six fields, always: an omitted one gets a default that differs between readers."""
    fields = (mount.source, mount.path, mount.fstype, ",".join(options))
    return " ".join([*map(fstab, fields), "0", "0"])


def hosts_line(node: Node) -> str:
    """`address name aliases # zone`; the spec's own name comes first, so it is the canonical one.

    Source: hosts(5).
    """
    names = " ".join((node.address, node.name, *node.aliases))
    return f"{names} # {node.zone}" if node.zone else names


def sudoers(name: str) -> str:
    """A user name for sudoers(5): everything but letters, digits and `_-` behind a backslash."""
    return "".join(c if c.isalnum() or c in "_-" else f"\\{c}" for c in name)


def deb822(fields: Mapping[str, str]) -> bytes:
    """A paragraph of deb822(5): continuation lines begin with a blank, empty ones are ` .`."""
    lines = []
    for key, value in fields.items():
        first, *rest = value.split("\n")
        if not value:
            continue
        lines.append(f"{key}:" + (f" {first}" if not rest else ""))
        if rest:
            lines += [f" {line}" if line.strip() else " ." for line in (first, *rest)]
    return ("\n".join(lines) + "\n").encode()


def apt_pin(uri: str) -> str:
    """What apt_preferences(5) knows a repository by: its host, or "" for a local one."""
    return f'origin "{urlsplit(uri).hostname or ""}"'


_REGEX = re.compile(r"([\\.^$*+?{}\[\]|()])")


def regex(text: str) -> str:
    """Literal text in a regular expression that fail2ban reads.

    `<` begins a tag there, and `;` after a blank a comment, so both are written as numbers.
    """
    return _REGEX.sub(r"\\\1", text).replace("<", r"\x3c").replace(";", r"\x3b")


_COMMENT = re.compile(r"(^|\s)[;#]")


def fail2ban(value: str) -> str:
    """A value of one or more lines in fail2ban's files: `%` doubled, further lines indented.

    Source: fail2ban 1.0.2, client/configparserinc.py (basic interpolation, `;` begins a comment).
    """
    lines = value.split("\n")
    for line in lines:
        if line != line.strip() or not line.isprintable() or not line or _COMMENT.search(line):
            raise Unwritable(f"{line!r} cannot stand in a value of fail2ban's files")
    return "\n    ".join(line.replace("%", "%%") for line in lines)


def tmpfiles(value: str) -> str:
    """A field of tmpfiles.d(5): in quotes, with its specifiers and escapes doubled."""
    doubled = value.replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
    return f'"{doubled}"'


def nginx(value: str) -> str:
    """A string of nginx's configuration; it has no way to write a `$` that is no variable."""
    if "$" in value or any(ord(character) < 32 for character in value):
        raise Unwritable(f"{value!r} cannot stand in nginx's configuration")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def vcl(value: str) -> str:
    """A string of VCL; the short form knows no escapes. Source: vcl(7)."""
    if '"' in value or any(ord(character) < 32 for character in value):
        raise Unwritable(f"{value!r} cannot stand in VCL")
    return f'"{value}"'


def php(value: str) -> str:
    """A string of PHP in single quotes, in which nothing but those and backslashes is special."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def ceph(value: str) -> str:
    """A value of ceph.conf, which needs no quotes without what begins a comment, quotes or escapes.

    Source: ceph-conf(8), configuration file syntax.
    """
    if any(c in value for c in "#;'\"\\\n\r") or value != value.strip() or not value:
        raise Unwritable(f"{value!r} cannot stand in ceph.conf")
    return value


def ini(value: str) -> str:
    """A value of php.ini(5) in double quotes; `$` and backslashes mean something in there."""
    if any(character in value for character in '"$\\') or not value.isprintable():
        raise Unwritable(f"{value!r} cannot stand in php.ini")
    return f'"{value}"'
