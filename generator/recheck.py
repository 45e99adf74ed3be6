"""What was rendered, read back by other readers before anything is written.

A finding here is a bug of Stook's and never the user's mistake; it stops the build all the same,
because a bundle that its own format's reader refuses must not leave the house.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from functools import lru_cache

import yaml

from generator import syntax
from generator.diagnostics import Finding, Rule, Severity
from generator.plan import SitePlan
from generator.render import RenderedSite
from generator.userdata import BUNDLE, LIMITS, entry

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

RULES = (
    Rule(
        "B110",
        "a rendered file that its reader refuses",
        "This is a bug of Stook's: a value got past its format's quoting.",
        "please report it with the spec; nothing was written",
    ),
    Rule(
        "H09",
        "user-data that the provider does not take",
        "What is over the limit is refused or cut off, and the machine boots without its bundle. "
        "The bundle itself is sound: it can be copied to the machine and applied there.",
        "give `fetch`, so that nodes fetch their bundle, or copy the node's folder to it",
        Severity.WARNING,
        source="EC2 user data: 16 KB before encoding; OpenStack nova: 65535 bytes of base64",
    ),
)
BROKEN, TOO_LARGE = RULES


def recheck(plan: SitePlan, rendered: RenderedSite) -> Iterator[Finding]:
    """Read every file back, and hold user-data against the provider's limit."""
    for node, files in rendered.files.items():
        for file in files:
            # the parts of user-data are the entries that are read back with their own files
            problem = read_back(file.path, file.parts[0], file.mode)
            if problem:
                yield BROKEN.at(("nodes",), f"{node}/{file.path}: {problem}")
    yield from _sizes(plan, rendered)


def _sizes(plan: SitePlan, rendered: RenderedSite) -> Iterator[Finding]:
    provider = plan.site.provider
    for name, size in rendered.sizes.items():
        if not size.fits(provider, compressed=True):
            counted = size.counted(provider, compressed=True)
            limit = LIMITS[provider][0]
            message = f"`{name}` has {counted} bytes compressed, {provider} takes {limit}"
            yield TOO_LARGE.at(plan.site.nodes[name].path, message, key=True)


@lru_cache(maxsize=1024)
def read_back(path: str, content: bytes, mode: int) -> str:
    """What an independent reader says against a file, or nothing."""
    try:
        for matches, reader in READERS:
            if matches(path):
                reader(content)
        if path.startswith(("rootfs/", "blocks/")):
            _entry(path, content, mode)
    except (ValueError, ElementTree.ParseError, yaml.YAMLError) as error:
        return str(error) or type(error).__name__
    return ""


def _entry(path: str, content: bytes, mode: int) -> None:
    found = yaml.load(entry(f"{BUNDLE}/{path}", content, mode), Loader=Loader)
    if found[0]["content"].encode() != content or found[0]["permissions"] != f"{mode:04o}":
        raise ValueError("cloud-init would read something else than was meant")


def _text(content: bytes) -> str:
    text = content.decode("utf-8")
    if text and not text.endswith("\n"):
        raise ValueError("no newline at the end")
    if "\0" in text or "\r" in text:
        raise ValueError("a control character")
    return text


def _fstab(content: bytes) -> None:
    for line in _text(content).splitlines():
        fields = line.split()
        if len(fields) != 6 or not fields[4:] == ["0", "0"] or not fields[1].startswith("/"):
            raise ValueError(f"not six fields of fstab: {line}")


def _hosts(content: bytes) -> None:
    import ipaddress

    for line in _text(content).splitlines():
        address, *names = line.partition("#")[0].split()
        ipaddress.ip_address(address)
        if not names:
            raise ValueError(f"no name: {line}")


def _xml(content: bytes) -> None:
    root = ElementTree.fromstring(content)
    if root.tag != "zone":
        raise ValueError(f"a zone was meant, <{root.tag}> was written")


_ONE_FIELD = re.compile(r"^[^\t\n]*\n", re.MULTILINE)


def _tsv(content: bytes) -> None:
    text = _text(content)
    if any(pair in text for pair in ("\t\t", "\n\t", "\t\n")) or text.startswith("\t"):
        raise ValueError("an empty field")
    if bad := _ONE_FIELD.search(text):
        raise ValueError(f"a line of one field: {bad.group()!r}")


def _cloud_config(content: bytes) -> None:
    text = _text(content)
    if not text.startswith("#cloud-config\n"):
        raise ValueError("not a cloud-config")


def _documents(content: bytes) -> None:
    for found in yaml.load_all(_text(content), Loader=Loader):
        if found is not None and not isinstance(found, dict):
            raise ValueError(f"a mapping was meant, {type(found).__name__} was written")


def _sums(content: bytes) -> None:
    for line in _text(content).splitlines():
        digest, gap, path = line[:64], line[64:66], line[66:]
        if len(digest) != 64 or gap != "  " or not path:
            raise ValueError(f"not a checksum line: {line}")


READERS: tuple[tuple[Callable[[str], bool], Callable[[bytes], object]], ...] = (
    (lambda path: path == "blocks/etc/fstab", _fstab),
    (lambda path: path == "blocks/etc/hosts", _hosts),
    (lambda path: path.endswith(".xml"), _xml),
    (lambda path: path.endswith(".tsv"), _tsv),
    (lambda path: path.endswith(".json"), json.loads),
    (lambda path: path.startswith("rootfs/etc/nginx/") and path.endswith(".conf"), syntax.nginx),
    (lambda path: path.endswith(".vcl"), syntax.vcl),
    (lambda path: path == "rootfs/etc/nftables.conf", syntax.nft),
    (lambda path: "/php/" in path and path.endswith((".ini", "/www.conf")), syntax.ini),
    (lambda path: path == "user-data", _cloud_config),
    (lambda path: path.endswith(".yaml"), _documents),
    (lambda path: path == "SHA256SUMS", _sums),
    (lambda path: path.startswith("rootfs/") or path == "README.md", _text),
)
