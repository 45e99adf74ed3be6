"""What PHP would run beside WordPress's core is what root has put: no script of a visitor's.

wp-config.php has the planned bytes; below wp-content only root may write a script, and only into a
plugin or a theme. A script elsewhere there, or a `.user.ini` that has PHP run one, is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import AbsolutePath, Digest
from verify.readers.answers import first_line, text
from verify.readers.compare import same

# What the source itself has: an empty page in the place of a listing.
INDEXES = frozenset({"index.php", "plugins/index.php", "themes/index.php"})
MOST = 20
_LINE = re.compile(r"(\S+)\|([0-7]+)\|(.*)")


@dataclass(frozen=True, slots=True)
class Want:
    """The document root, and the digest of its wp-config.php."""

    path: AbsolutePath
    config: Digest


@dataclass(frozen=True, slots=True)
class Script:
    """A script below wp-content, by its name there; modes as octal digits."""

    name: str
    owner: str
    mode: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The digest of wp-config.php, or what is wrong with it, and every script."""

    config: str
    scripts: tuple[Script, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """Names that PHP-FPM or a web server with usual settings takes for scripts."""
    root = quote(want.path)
    names = " -o ".join(f"-iname {quote(f'*.{end}')}" for end in ("php", "php?", "phtml", "phar"))
    scripts = f"\\( {names} -o -name .user.ini -o -name .htaccess \\)"
    return {
        "config": Command(f"sha256sum <{root}/wp-config.php"),
        "scripts": Command(
            f"cd {root}/wp-content && find . ! -type d {scripts} -printf '%u|%m|%P\\n' && echo end",
            timeout=60,
        ),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A wp-config.php that is not there is an answer."""
    printed = text(outputs["config"], "sha256sum wp-config.php", codes=(0, 1, 2))
    config = printed.split(" ")[0].strip() if outputs["config"].code == 0 else ""
    *lines, end = text(outputs["scripts"], "find").splitlines() or [""]
    if end != "end":
        raise Unreadable("find: it did not come to its end")
    return Seen(config or first_line(outputs["config"]), tuple(map(_script, lines)))


def _script(line: str) -> Script:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Unreadable(f"find: cannot read {line[:100]!r}")
    owner, mode, name = match.groups()
    return Script(name, owner, mode.zfill(4))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Of many scripts the first twenty are named."""
    differences = [difference for script in seen.scripts for difference in _judged(script)]
    more = len(differences) - MOST
    rest = [Difference("more of them", "nothing else", str(more))] if more > 0 else []
    return (*same("wp-config.php", want.config, seen.config), *differences[:MOST], *rest)


def _judged(script: Script) -> Iterator[Difference]:
    place, _, inner = script.name.partition("/")
    file = script.name.rpartition("/")[2]
    if script.name in INDEXES or (inner and place in ("plugins", "themes")):
        if script.owner != "root" or int(script.mode, 8) & 0o022:
            who = f"{script.owner}, {script.mode}"
            yield Difference(f"wp-content/{script.name}", "writable by root alone", who)
        elif file == ".user.ini":
            yield _beyond("settings of a folder's own", script)
    elif file != ".htaccess":
        yield _beyond("script", script)


def _beyond(what: str, script: Script) -> Difference:
    return Difference(what, "nothing else", f"wp-content/{script.name}")
