"""Pieces of POSIX shell that several kinds ask with; every value is quoted here or by the kind."""

from __future__ import annotations

from shlex import quote

from verify.readers.answers import ABSENT

MOUNT_TABLE = "cat /proc/self/mountinfo"
SOCKETS = "ss -H -lntup"
STAMP = f"[ -e /var/lib/stook/stamp ] || exit {ABSENT}; cat /var/lib/stook/stamp"


def show_file(path: str) -> str:
    """Print a file; the exit code `answers.ABSENT` says that there is none."""
    return f"[ -e {quote(path)} ] || exit {ABSENT}; cat -- {quote(path)}"


def gluster(*words: str) -> str:
    """Ask gluster something without ever being asked back."""
    return " ".join(["gluster", "--mode=script", *map(quote, words), "--xml"])
