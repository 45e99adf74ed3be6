"""sshd_config(5), as a file that the daemon's own one includes."""

from __future__ import annotations

from generator.formats import Format, Validator
from generator.formats.text import decoded

# `sshd -T` judges all that the daemon would read, and prints what comes of it. It wants an address
# where a Match block asks for one, and a folder that is there only while the unit runs.
ASKED = "sshd -T -C user=root,host=localhost,addr=192.0.2.1,laddr=192.0.2.1,lport=22"
FIRST = '"$(grep -i "^AuthorizedKeysFile " {})"'
VALIDATOR = Validator(
    "sshd",
    f"mkdir -p -m 0755 /run/sshd; {ASKED} | grep -Fqix {FIRST}",
    "sshd refuses its new configuration, or does not read {}",
)


def read(content: bytes) -> None:
    """A keyword and its value on each line, none twice in one block. Raises ValueError.

    Of a keyword that comes twice sshd takes the first value without a word.
    """
    seen: set[str] = set()
    for row in decoded(content).splitlines():
        keyword, _, value = row.strip().partition(" ")
        if not keyword or keyword.startswith("#"):
            continue
        if not keyword.isalpha() or not value.strip():
            raise ValueError(f"not a keyword and its value: {row}")
        seen = set() if keyword.lower() == "match" else seen
        if keyword.lower() in seen:
            raise ValueError(f"{keyword} comes twice")
        seen.add(keyword.lower())


CONFIG = "/etc/ssh/sshd_config"
FORMAT = Format(read, VALIDATOR, included_by=CONFIG)
