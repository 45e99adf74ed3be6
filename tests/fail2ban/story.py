"""A log as an attacked site writes it: 16,427 lines, 11,774 of them attacks; always the same.

The numbers are those of the real log that the filter was first made for.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LINES, ATTACKS = 16_427, 11_774
START = datetime(2016, 5, 15, 11, 55, 14, tzinfo=UTC)
BROWSERS = (
    "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)",
    "Mozilla/5.0 (X11; Linux x86_64; rv:46.0) Gecko/20100101 Firefox/46.0",
    r"odd \x22quoted\x22 agent",
    "-",
)
PATHS = ("/", "/feed/", "/wp-cron.php?doing_wp_cron=1.2", "/xmlrpc.php.bak", "/?p=12", "/a%20b")
REFERERS = ("-", "http://www.example.com/", "http://www.example.com/xmlrpc.php")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and the address that attacks with it, or ""."""

    text: str
    attacker: str
    time: int


def story() -> list[Line]:
    """All lines, in the order of time."""
    chance = random.Random(2016)
    kinds = [True] * ATTACKS + [False] * (LINES - ATTACKS)
    chance.shuffle(kinds)
    lines, now = [], START
    for attack in kinds:
        now += timedelta(seconds=chance.choice((0, 0, 0, 1)))
        lines.append(_line(chance, now, attack))
    return lines


def _line(chance: random.Random, now: datetime, attack: bool) -> Line:
    client = _address(chance)
    before = chance.choice(("", "", "", f"{_address(chance)}, ", "unknown, "))
    method, path = ("POST", "/xmlrpc.php") if attack else _other(chance)
    version = chance.choice(("1.0", "1.1"))
    status, size = chance.choice((200, 200, 403, 503)), chance.randrange(100, 9999)
    text = (
        f'- - [{now.strftime("%d/%b/%Y:%H:%M:%S")} +0000] "{method} {path} HTTP/{version}" '
        f'{status} {size} "{chance.choice(REFERERS)}" "{chance.choice(BROWSERS)}" '
        f'"{before}{client}"'
    )
    return Line(text, client if attack else "", int(now.timestamp()))


def _other(chance: random.Random) -> tuple[str, str]:
    method = chance.choice(("GET", "GET", "GET", "HEAD", "POST"))
    path = chance.choice((*PATHS, "/xmlrpc.php") if method != "POST" else PATHS)
    return method, path


def _address(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return f"2001:db8::{chance.randrange(1, 0xFFFF):x}"
    return f"{chance.choice(('198.51.100', '203.0.113', '192.0.2'))}.{chance.randrange(1, 255)}"
