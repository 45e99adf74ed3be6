"""What a node's package manager says of one package, whichever it has."""

from __future__ import annotations

from shlex import quote

from verify.contract import Output, Unreadable
from verify.readers.answers import text

NOT_INSTALLED = ("no packages found matching", "is not installed")


def files(name: str) -> str:
    """What it has brought, `changed`, what is no longer so, and `end`."""
    name = quote(name)
    return (
        f"if command -v dpkg-query >/dev/null; then dpkg-query -L {name} && echo changed && "
        f"{{ dpkg --verify {name}; echo end; }}; "
        f"else rpm -ql {name} && echo changed && {{ rpm -V {name}; echo end; }}; fi"
    )


def answered(name: str, output: Output) -> tuple[str, str, str]:
    """State, error flag and version; `absent` where the manager says so, by exit code and words."""
    if output.code == 1 and any(words in output.out + output.err for words in NOT_INSTALLED):
        return ("absent", "ok", "")
    words = text(output, f"package {name}").split()
    if len(words) < 2:
        raise Unreadable(f"package {name}: cannot read {output.out!r}")
    return (words[0], words[1], words[2] if len(words) > 2 else "")
