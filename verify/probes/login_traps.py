"""What whoever logs in by ssh runs before his own shell is his: a part of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

SCRIPT = "/etc/ssh/sshrc"
# What PAM gives each session, and what in it makes a program do what it was not made for.
GIVEN = ("/etc/environment", "/etc/default/locale", "/etc/security/pam_env.conf")
TRAP = re.compile(
    r"(?m)^\s*(?:export\s+)?(LD_\w+|GCONV_PATH|(?:BASH_)?ENV|PROMPT_COMMAND|PYTHON\w+|PERL\w+)\b"
)


def traps(top: str = "") -> Iterator[str]:
    """A script of sshd's, and variables."""
    if Path(top + SCRIPT).exists():
        yield SCRIPT
    for path in GIVEN:
        if Path(top + path).is_file():
            text = Path(top + path).read_text(errors="replace").replace("\\\n", "")
            yield from (f"{name} in {path}" for name in TRAP.findall(text))
