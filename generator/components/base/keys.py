"""Public keys of ssh, decoded: whether sshd would take one."""

from __future__ import annotations

import base64
import binascii

# How many strings each type of key has after its name, and how long the last of them has to be.
_FIELDS = {
    "ssh-ed25519": (1, 32),
    "ssh-rsa": (2, 256),
    "ecdsa-sha2-nistp256": (2, 65),
    "ecdsa-sha2-nistp384": (2, 97),
    "ecdsa-sha2-nistp521": (2, 133),
    "sk-ssh-ed25519@openssh.com": (2, 0),
    "sk-ecdsa-sha2-nistp256@openssh.com": (3, 0),
}
# What `stook new` writes where it is given none: 32 bytes that are nobody's key.
EXAMPLE = "AAAAC3NzaC1lZDI1NTE5AAAAIExampleReplaceItByTheLineOfYourOwnPubFile00"

SHORT = "is of less than 2048 bits, which is too short to be safe"
NEW_KEY = "make a new one, such as with ssh-keygen -t ed25519"


def wrong(kind: str, text: str) -> str:
    """What is wrong with a key, as the end of a sentence; nothing where it is sound."""
    try:
        name, *fields = _strings(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return "is cut off, or not copied as it was"
    if name != kind.encode():
        return f"says that it is of type `{name.decode('ascii', 'replace')[:40]}`, not `{kind}`"
    count, length = _FIELDS[kind]
    if len(fields) != count:
        return "is cut off, or not copied as it was"
    if kind == "ssh-rsa" and len(fields[-1].lstrip(b"\0")) < length:
        return SHORT
    if kind != "ssh-rsa" and length and len(fields[-1]) != length:
        return "has another length than its type"
    return ""


def _strings(data: bytes) -> list[bytes]:
    """The strings of a key, each after its length; raises ValueError where they do not fit."""
    strings: list[bytes] = []
    while data:
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise ValueError("a string that is cut off")
        strings.append(data[4 : 4 + size])
        data = data[4 + size :]
    if not strings:
        raise ValueError("nothing")
    return strings
