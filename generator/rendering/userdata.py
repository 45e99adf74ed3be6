"""user-data: what a machine is given when it is made, and how much of it each provider takes.

It holds the whole bundle, or, where the spec says `fetch`, the address and the digest of it.
Sources: cloud-init, cc_write_files and cc_runcmd.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import yaml

from generator.planning.site import Node
from generator.rendering.scripts import script

try:
    from yaml import CSafeDumper as SafeDumper
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeDumper  # type: ignore[assignment]

STATE = "/var/lib/stook"
BUNDLE = f"{STATE}/bundle"
FETCH = "stook-fetch.service"
# Beside user-data and made from it: never committed, because compressors differ.
ARCHIVE = "bundle.tar.gz"
PACKED = "user-data.gz"

# Bytes of user-data as each provider counts them, and how: FACTS of the providers' own pages
# (EC2 instancedata-add-user-data, GCE metadata, Azure custom data, OpenStack nova user-data,
# vSphere guestinfo, CloudStack user data). None: no limit is stated.
LIMITS: Mapping[str, tuple[int | None, str]] = {
    "nocloud": (None, "raw"),
    "ec2": (16_384, "raw"),
    "gce": (262_144, "raw"),
    "azure": (65_535, "raw"),
    "openstack": (65_535, "base64"),
    "vsphere": (524_288, "raw"),
    "cloudstack": (32_768, "base64"),
}


@dataclass(frozen=True, eq=False)
class Rendered:
    """One file of a site folder. `committed` is false for what can be derived from the rest.

    Its contents come in parts, because nodes share most of them; what only a build needs, a plan
    and a check of a thousand nodes do not pay for, and is made when it is asked for.
    """

    path: str
    made: tuple[bytes, ...] | Callable[[], bytes]
    mode: int = 0o644
    committed: bool = True

    @property
    def deferred(self) -> bool:
        """Whether only a build needs it."""
        return callable(self.made)

    @cached_property
    def parts(self) -> tuple[bytes, ...]:
        return (self.made(),) if callable(self.made) else self.made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rendered) and self._whole() == other._whole()

    def __hash__(self) -> int:
        return hash(self.path)

    def _whole(self) -> tuple[object, ...]:
        return self.path, self.parts, self.mode, self.committed

    @property
    def content(self) -> bytes:
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)


@dataclass(frozen=True)
class Size:
    """A node's user-data in bytes: as it is, and compressed, which is worked out when asked for."""

    parts: tuple[bytes, ...]

    @cached_property
    def raw(self) -> int:
        return sum(map(len, self.parts))

    @cached_property
    def packed(self) -> bytes:
        return packed(self.parts)

    @property
    def gzip(self) -> int:
        return len(self.packed)

    def counted(self, provider: str, *, compressed: bool) -> int:
        """The size as a provider counts it."""
        size = self.gzip if compressed else self.raw
        return -(-size // 3) * 4 if LIMITS[provider][1] == "base64" else size

    def fits(self, provider: str, *, compressed: bool) -> bool:
        limit = LIMITS[provider][0]
        if limit is None or self.counted(provider, compressed=False) <= limit:
            return True
        return compressed and self.counted(provider, compressed=True) <= limit


def packed(parts: Iterable[bytes]) -> bytes:
    """Parts of user-data in gzip's form, without a time; cloud-init finds out by itself."""
    return gzip.compress(b"".join(parts), mtime=0)


class _Dumper(SafeDumper):
    """Writes texts of several lines as literal blocks, so that people can read them."""


def _text(dumper: Any, value: str) -> Any:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def dump_yaml(value: object) -> str:
    """YAML with keys in the given order, as one library writes it for every file of ours."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096)


# What a literal block holds as it is, and shows where its own indentation begins. The library
# takes no tab for a character of one, though YAML does (5.1), and would write every tab as `\\t`.
_PLAIN = re.compile(r"(?=[^\s])[\t\n\x20-\x7e]*[\t\x20-\x7e]\n")
_LINES = re.compile(r"^(?=.)", re.MULTILINE)


@lru_cache(maxsize=1024)
def entry(path: str, content: bytes, mode: int) -> bytes:
    """One item of write_files, dumped once for all nodes that have the same file.

    Source: cloud-init, cc_write_files; permissions must be a quoted string there.
    """
    text = content.decode()
    opening = _opening(path, mode)
    if _PLAIN.fullmatch(text):
        block = _LINES.sub("    ", text)
        return f"{opening}  content: |\n{block}".encode()
    # a text that ends in empty lines is followed by an end of document, which is not ours to write
    written = dump_yaml([{"content": text}]).removesuffix("...\n")
    return f"{opening}{written.replace('-', ' ', 1)}".encode()


@cache
def _opening(path: str, mode: int) -> str:
    return dump_yaml([{"path": path, "permissions": f"{mode:04o}"}])


def whole(node: Node, files: Iterable[Rendered]) -> tuple[bytes, ...]:
    """user-data that holds all files of the bundle, and runs `apply`."""
    entries = (entry(f"{BUNDLE}/{f.path}", f.content, f.mode) for f in files)
    return (_head(node), *entries, _run(f"{BUNDLE}/apply"))


def fetching(node: Node, url: str, archive: bytes) -> tuple[bytes, ...]:
    """user-data that has the node fetch its bundle from `url`, and take no other one."""
    wanted = json.dumps({"url": url, "sha256": hashlib.sha256(archive).hexdigest()}) + "\n"
    return (
        _head(node),
        entry(f"{STATE}/fetch", script("generator.rendering.node", "fetch"), 0o755),
        entry(f"{STATE}/fetch.json", wanted.encode(), 0o644),
        entry(f"/etc/systemd/system/{FETCH}", script("generator.rendering.node", FETCH), 0o644),
        _run("systemctl", "enable", "--now", "--no-block", FETCH),
    )


def _head(node: Node) -> bytes:
    head = {"hostname": node.name, "manage_etc_hosts": False, "preserve_hostname": False}
    return f"#cloud-config\n{dump_yaml(head)}write_files:\n".encode()


@cache
def _run(*words: str) -> bytes:
    return dump_yaml({"runcmd": [list(words)]}).encode()


def tar(files: Iterable[Rendered]) -> bytes:
    """The bundle as one archive: names, modes and contents, and nothing that differs by builder."""
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for file in files:
            item = tarfile.TarInfo(file.path)
            item.mode, item.size = file.mode, len(file.content)
            archive.addfile(item, io.BytesIO(file.content))
    return out.getvalue()
