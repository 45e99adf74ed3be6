"""Which clients a volume lets in, by the addresses that its options allow and reject.

Members of the pool are no exception (seen on 10.3 and 11.1). What is matched how: xlators/protocol/
auth/addr/src/addr.c at v10 and v11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network

ALLOW, REJECT = "auth.allow", "auth.reject"


def shut_out(options: Mapping[str, str], clients: Mapping[str, str]) -> tuple[str, ...]:
    """Which of these clients, names with the address that they come from, cannot mount."""
    allowed, rejected = (list(_patterns(options.get(name, ""))) for name in (ALLOW, REJECT))
    return tuple(
        name
        for name, address in clients.items()
        if any(_matches(one, name, address) for one in rejected)
        or (options.get(ALLOW) and not any(_matches(one, name, address) for one in allowed))
    )


def _patterns(value: str) -> Iterator[str]:
    """Those for the whole volume: `/PATH(A|B)` is about a folder of it, but for `/` itself."""
    for item in filter(None, (part.strip() for part in value.split(","))):
        path, bracket, inner = item.partition("(")
        if not bracket:
            yield item
        elif path == "/":
            yield from inner.rstrip(")").split("|")


def _matches(pattern: str, name: str, address: str) -> bool:
    if "/" in pattern:
        try:
            return ip_address(address) in ip_network(pattern, strict=False)
        except ValueError:
            return False
    return pattern == name or fnmatchcase(address, pattern)
