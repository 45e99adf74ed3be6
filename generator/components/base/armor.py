"""Armored public keys of OpenPGP: whether a package manager would take one (RFC 9580)."""

from __future__ import annotations

import base64
import binascii
import re

_BLOCK = re.compile(
    r"\s*-----BEGIN PGP PUBLIC KEY BLOCK-----[ \t]*\r?\n"
    r"(?:[A-Za-z]+: [^\n]*\n)*[ \t]*\r?\n"
    r"(?P<body>[A-Za-z0-9+/=\s]+?)"
    r"(?:\n=(?P<sum>[A-Za-z0-9+/]{4})[ \t]*\r?)?"
    r"\n-----END PGP PUBLIC KEY BLOCK-----\s*"
)
# The tag of a public key's packet, which every key begins with.
_PUBLIC_KEY = 6


def wrong(text: str) -> str:
    """What is wrong with an armored key, as the end of a sentence; nothing where it is sound."""
    if "PRIVATE KEY" in text:
        return "is a private key: it belongs to the signer alone"
    block = _BLOCK.match(text)
    if not block:
        return "is no armored public key: BEGIN, an empty line, the key and END, each as it was"
    try:
        data = base64.b64decode("".join(block["body"].split()), validate=True)
    except binascii.Error:
        return "is cut off, or not copied as it was"
    if block["sum"] and base64.b64decode(block["sum"]) != _crc24(data).to_bytes(3, "big"):
        return "is not as it was: its checksum differs"
    return "" if _is_key(data) else "is cut off, or the armor of something else than a key"


def _is_key(data: bytes) -> bool:
    """It begins with the whole packet of a public key (RFC 9580 sections 4.2 and 5.5.1.1)."""
    if len(data) < 3 or not data[0] & 0x80:
        return False
    if data[0] & 0x40:
        tag, first = data[0] & 0x3F, data[1]
        # lengths of two bytes begin with 192 to 223; a key has never one of more than 8383
        size, head = (first, 2) if first < 192 else ((first - 192) * 256 + data[2] + 192, 3)
    else:
        tag, width = data[0] >> 2 & 0xF, 1 << (data[0] & 3)
        size, head = int.from_bytes(data[1 : 1 + width], "big"), 1 + width
    return tag == _PUBLIC_KEY and size > 0 and len(data) >= head + size


def _crc24(data: bytes) -> int:
    value = 0xB704CE
    for byte in data:
        value ^= byte << 16
        for _ in range(8):
            value = value << 1 ^ (0x1864CFB if value & 0x800000 else 0)
    return value & 0xFFFFFF
