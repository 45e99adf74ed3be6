"""Which clients a volume lets in, by the addresses that its options allow and reject.

Members of the pool are no exception (seen on 10.3 and 11.1). What is matched how: xlators/protocol/
auth/addr/src/addr.c at v10 and v11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network

ALLOW, REJECT = "auth.allow", "auth.reject"
_RANGE = re.compile(r"[0-9.]+-[0-9.]+")
_ADDRESS = re.compile(r"[0-9.*]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_ZERO = re.compile(r"(?<![0-9])0+(?=[0-9])")


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


@dataclass(frozen=True, slots=True)
class Strange:
    """What is in a list and is like nobody's address: why, and the way out."""

    item: str
    why: str
    way: str


def strange(value: str) -> Iterator[Strange]:
    """Those of a list; folders of the volume have such lists, too.

    `valid_internet_address` of libglusterfs, 10.3 and 11.1, was asked: most of it is the name of a
    host to glusterd, and networks are those of IPv4 from /1 to /32. Addresses are compared letter
    by letter.
    """
    for item in value.split(","):
        inner = item.partition("(")[2].rstrip(")").split("|") if "(" in item else [item]
        for one in map(str.strip, inner):
            if reason := _strange(one):
                yield Strange(one, *reason)


def _strange(one: str) -> tuple[str, str] | None:
    address, slash, length = one.partition("/")
    if _RANGE.fullmatch(address):
        return "is a range", "write a network such as 10.77.0.0/28, or each address"
    if one == "*" or not _ADDRESS.fullmatch(address):
        return None
    plain = _ZERO.sub("", address) if ":" not in address else address
    if plain != address:
        return "has zeros in front, as no address is shown", f"write `{plain}{slash}{length}`"
    try:
        # a star stands for any number, but a network has none
        whole = ip_address(address if slash else address.replace("*", "0"))
    except ValueError:
        return "is no address", "write one such as 10.77.0.9"
    if slash:
        return _network(whole.version, length)
    if str(whole) != address.replace("*", "0"):
        return "is not as the system writes it", f"write `{whole}`"
    return None


def _network(version: int, length: str) -> tuple[str, str] | None:
    if version == 6:
        return "is a network of IPv6, which glusterd does not take", "name each address"
    if not (re.fullmatch(r"[0-9]{1,2}", length) and 1 <= int(length) <= 32):
        return (
            "is no network to glusterd",
            "write its length, a number from 1 to 32, behind the `/`",
        )
    return None
