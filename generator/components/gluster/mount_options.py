"""What mount.glusterfs and the client make of a mount option.

The script knows which options there are, and which of them have a value. The client judges a value
when it reads its arguments, and once more when it sets up FUSE, before it asks for the volume. What
both releases said to some 260 pairs of option and value is recorded in the tests.
"""

from __future__ import annotations

import re
from contextlib import suppress

from generator.components.gluster.values import FALSE, FORMS, TRUE

# with_options and without_options of mount.glusterfs.in, v10.3 and v11.1.
FLAGS = frozenset(
    (
        *("acl", "aux-gfid-mount", "enable-ino32", "fopen-keep-cache", "global-threading"),
        *("mem-accounting", "resolve-gids", "ro", "rw", "selinux", "thin-client", "worm"),
        *("atime", "noatime", "relatime", "dev", "nodev", "exec", "noexec", "suid", "nosuid"),
    )
)
VALUED = frozenset(
    (
        *("attribute-timeout", "background-qlen", "congestion-threshold", "context", "defcontext"),
        *("direct-io-mode", "entry-timeout", "fopen-keep-cache", "fscontext", "gid-timeout"),
        *("invalidate-limit", "kernel-writeback-cache", "log-file", "log-level", "lru-limit"),
        *("negative-timeout", "reader-thread-count", "root-squash", "rootcontext", "transport"),
        *("use-readdirp", "volume-id", "xlator-option"),
    )
)
LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE", "NONE")
SQUASH = ("yes", "on", "enable", "true", "no", "off", "disable", "false")
_BOOLEANS = ("direct-io-mode", "fopen-keep-cache", "kernel-writeback-cache", "use-readdirp")
_INT = 2**31
# The least and the most that each takes; those of the second kind are cut to 32 bits before.
_COUNTS = {
    "invalidate-limit": (-_INT, _INT - 1),
    "lru-limit": (-_INT, _INT - 1),
    "reader-thread-count": (1, 64),
}
_CUT = {
    "background-qlen": (16, 65536),
    "congestion-threshold": (12, 65536),
    "gid-timeout": (0, _INT - 1),
}
# Whoever gives these is not heard; the client has its own.
_NOT_GIVEN = ("background-qlen", "congestion-threshold")
# The client looks whether the number is negative, and not whether it is one.
_HALF_READ = ("attribute-timeout", "entry-timeout")
_NEGATIVE = re.compile(r"-(0*[1-9]|0*\.0*[1-9]|inf)", re.IGNORECASE)
_TRANSLATOR = re.compile(r"[^=]*\.[^=]*=.+")


def refusal(release: str, key: str, value: str | None) -> str:
    """Why a mount with an option of this value never comes; "" if it does."""
    if key not in (FLAGS if value is None else VALUED) or value == "":
        return "is refused by mount.glusterfs"
    if value is None:
        return ""
    if key == "transport" and value != "tcp":
        return "is none that the release speaks: only tcp"
    if key == "fopen-keep-cache" and release.startswith("10."):
        return f"is garbled by mount.glusterfs of {release}, which takes it without a value"
    if key in _BOOLEANS and value.lower() not in (*TRUE, *FALSE):
        return "" if (key, value) == ("direct-io-mode", "auto") else "is neither `on` nor `off`"
    if key == "xlator-option" and not _TRANSLATOR.fullmatch(value):
        return "is not of the form TRANSLATOR.OPTION=VALUE"
    return _number(key, value)


def _number(key: str, value: str) -> str:
    if key in _HALF_READ or key == "negative-timeout":
        if key == "negative-timeout" and _seconds(value) is None:
            return "is no number of seconds"
        return "is negative" if _NEGATIVE.match(value) else ""
    if key not in _COUNTS | _CUT:
        return ""
    number = _whole(value)
    if number is None:
        return "is no whole number"
    low, high = (_COUNTS | _CUT)[key]
    number = _cut(number) if key in _CUT else number
    unheard = key in _NOT_GIVEN and number == 0
    return "" if low <= number <= high or unheard else f"is out of range: {low} to {high}"


def otherwise(key: str, value: str | None) -> str:
    """What a mount does in place of what an option that is taken says; "" if it does that."""
    if value is None:
        return ""
    if key == "log-level" and value.upper() not in LEVELS:
        return "is no level, and INFO is used"
    if key == "root-squash" and value not in SQUASH:
        return "is neither `yes` nor `no`, and passed over"
    if key in _HALF_READ and _seconds(value) is None:
        return "is no number of seconds, and read as far as it is one"
    number = _whole(value)
    if number is None or key not in _COUNTS | _CUT:
        return ""
    if key in _CUT and _cut(number) != number:
        return f"is read as {_cut(number)}"
    unheard = number == 0 if key in _NOT_GIVEN else number < 0
    return "is passed over, and the default used" if unheard else ""


def _whole(value: str) -> int | None:
    """As strtoll(3) reads it in any base."""
    number = FORMS["int"][0](value)
    return int(number) if number is not None and abs(number) < 2**63 else None


def _cut(number: int) -> int:
    """What is left of a number in 32 bits with a sign."""
    return (number + _INT) % (2 * _INT) - _INT


def _seconds(value: str) -> float | None:
    """As strtod(3) reads the whole of it."""
    with suppress(ValueError):
        return float(value) if "_" not in value else None
    with suppress(ValueError):
        return float.fromhex(value) if value.lower().startswith("0x") else None
    return None
