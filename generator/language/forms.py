"""What a single text of a spec has to look like; each raises ValueError, which says so."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IPv4 in IPv6's clothes (RFC 4291 section 2.5.5.2): no packet has such an address.
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
# What no packet of a stranger has as its source: this network, the host itself, multicast and what
# is reserved (RFC 6890); IPv6 that is routed at all is one block (RFC 4291 section 2.4).
_NOBODY = tuple(map(ipaddress.IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")))
_ROUTED = ipaddress.IPv6Network("2000::/3")
# Also the controls and line ends that Unicode has beyond ASCII: some readers end a line there.
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def single_line(value: str) -> str:
    """Text without control characters."""
    if not _LINE.match(value):
        raise ValueError("must be one line of text, without control characters")
    return value


def absolute(value: str) -> str:
    """A path that every tool on a node takes as it is."""
    parts = value.split("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._:+@ -]+)+", value) or {".", ".."} & set(parts):
        raise ValueError(
            "must be an absolute path of letters, digits, blanks and ._:+@- without `.` or `..` "
            "parts or a `/` at its end"
        )
    if any(part != part.strip() for part in parts):
        raise ValueError("must not have a blank at the start or end of a part")
    if any(len(part) > 255 for part in parts):
        raise ValueError("must not have a part of more than 255 bytes, which no file system takes")
    return value


def public_key(value: str) -> str:
    """The line of a .pub file; who gives something else is told what that is."""
    if "PRIVATE KEY" in value:
        raise ValueError(
            "is a private key: it belongs to one person; give the line of its .pub file"
        )
    if re.search(r"^\s|[\r\n]", value):
        raise ValueError(
            "has a line break, or a blank before it: write it on one line, or as a block with `>-`"
        )
    if re.match(r"\S+-cert-v01@openssh\.com ", value):
        raise ValueError("is a certificate: give the key that it is of, the .pub without `-cert`")
    if re.match(r"(?!(ssh|ecdsa|sk)-)\S.* (ssh|ecdsa|sk)-\S+ AAAA", value):
        raise ValueError("has options before it: networks belong into `from`, others are not taken")
    if not re.fullmatch(
        r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com"
        r"|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]{40,}={0,2}( [^\x00-\x1f\x7f]*)?",
        value,
    ):
        raise ValueError("must be one public key line: TYPE BASE64 [COMMENT], without options")
    return value


def host(value: str) -> str:
    """A host's name or its address, and nothing beside it."""
    if value.count(":") == 1:
        name = value.partition(":")[0]
        raise ValueError(f"has a port in it: write `{name}`, and the port where it has a key")
    if ":" in value or re.fullmatch(r"[0-9.]+", value):
        one = address(value)
        if one.version == 6 and one.is_link_local:
            raise ValueError(f"{value!r} means another machine on each link")
    elif not all(map(_LABEL.fullmatch, value.split("."))):
        raise ValueError("must be a host name or an address: labels of letters, digits and hyphens")
    return value


def url(value: str) -> str:
    """An address of the web whose host and port can be told apart."""
    try:
        _ = urlsplit(value).port
    except ValueError:
        raise ValueError(
            "must be an address whose port is a number from 0 to 65535, and an IPv6 host of it in "
            "brackets"
        ) from None
    return value


def has_login(value: str) -> bool:
    """Whether an address has a name or a password in it (RFC 3986, 3.2.1); a local path has no
    place for one.
    """
    return re.match(r"[a-z]+://[^/?#]*@", value) is not None


def network(text: str) -> Network:
    """A block, or an address as one of a single machine; raises ValueError, which says why."""
    try:
        block = ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(_no_network(text)) from None
    _judge(text, block)
    return block


def _no_network(text: str) -> str:
    try:
        whole = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return f"`{text}` is no network (10.77.0.0/24) and no address (10.77.0.9){_zero(text)}"
    alone = text.partition("/")[0]
    return f"`{text}` has host bits set: the network is {whole}, the address {alone}"


def _zero(text: str) -> str:
    """Numbers that one reader takes for octal ones and another for decimal ones."""
    return "; a number of it has a zero in front" if re.search(r"(^|\.)0[0-9]", text) else ""


def address(text: str) -> Address:
    """One machine's address; raises ValueError, which says why."""
    try:
        block = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f"`{text}` is no address{_zero(text)}") from None
    _judge(text, ipaddress.ip_network(block))
    return block


def _judge(text: str, block: Network) -> None:
    """What a packet filter does not take as the source of a packet."""
    if "%" in text:
        raise ValueError(f"`{text}` has a zone id, which is one machine's own name for a link")
    if isinstance(block, ipaddress.IPv6Network) and block.subnet_of(_MAPPED):
        raise ValueError(f"`{text}` is IPv4 written as IPv6; write the IPv4 address")
    if block.is_multicast:
        raise ValueError(f"`{text}` is multicast, which nobody comes from")
    if _unspecified(block):
        raise ValueError(f"`{text}` is no machine's, so nobody comes from it")


def _unspecified(block: Network) -> bool:
    """RFC 1122 section 3.2.1.3: "this network", and everybody on a link; `::` in IPv6."""
    if isinstance(block, ipaddress.IPv4Network):
        return block.subnet_of(_NOBODY[0]) or str(block) == "255.255.255.255/32"
    return block.prefixlen == 128 and block.network_address.is_unspecified


def everybody(networks: Iterable[Network]) -> tuple[int, ...]:
    """The versions of IP of which some networks are, together, all addresses of strangers."""
    every = list(networks)
    four = [one for one in every if isinstance(one, ipaddress.IPv4Network)]
    six = [one for one in every if isinstance(one, ipaddress.IPv6Network)]
    all_four = any(one.prefixlen == 0 for one in ipaddress.collapse_addresses((*four, *_NOBODY)))
    all_six = any(_ROUTED.subnet_of(one) for one in ipaddress.collapse_addresses(six))
    return (4,) * all_four + (6,) * all_six


def nobody_from(block: Network, families: Iterable[int]) -> str:
    """Why nobody comes to machines of these versions of IP from a block; empty where somebody may.

    A machine itself does not count.
    """
    if block.is_loopback:
        return "is each machine itself"
    return "" if block.version in families else f"is IPv{block.version}, which no node has"
