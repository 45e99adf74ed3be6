"""Any text file: lines that end."""

from __future__ import annotations

import re

from generator.formats import Format


def decoded(content: bytes) -> str:
    """Text as every file of ours is; raises ValueError where one is not."""
    text = content.decode("utf-8")
    if text and not text.endswith("\n"):
        raise ValueError("no newline at the end")
    if "\0" in text or "\r" in text:
        raise ValueError("a control character")
    return text


def tokens(pattern: re.Pattern[str], content: bytes) -> list[str]:
    """All tokens of a language but its comments; raises ValueError where something is none."""
    text = content.decode("utf-8")
    rest = pattern.sub("", text).strip()
    if rest:
        raise ValueError(f"cannot be read: {rest[:40]!r}")
    matches = pattern.findall(text)
    return [token for token in matches if not token.startswith(("#", "//", "/*"))]


FORMAT = Format(decoded)
