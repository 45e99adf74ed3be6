"""Rights of Ceph's clients, as monitors, managers, OSDs and metadata servers read them.

Grammars of MonCap.cc, MgrCap.cc, OSDCap.cc and MDSAuthCaps.cc. Some 6,800 texts were given to
monitors of 16.2 and 18.2 (`ceph auth add`); of 1,000 it is kept as tests what these said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from generator.language.findings import Path

_QUOTED = r"""(?:"[^"]+"|'[^']+')"""
_WORD = rf"(?:{_QUOTED}|[A-Za-z0-9_./-]+)"
_IS = "(?:=| +)"
_RWX = "(?:r?w?x(?![rwx])|r?w(?![rwx])|r(?![rwx]))"
_FLAGS = rf"(?:\*|all|{_RWX})"
_NET = r"(?: +network +[/.:a-fA-F0-9[\]]+)?"
_NETWORK = re.compile(r" network +([/.:a-fA-F0-9[\]]+)(?= *(?:[,;]|\Z))")

# monitors and managers
_SERVICE = rf"allow +service{_IS}{_WORD} +{_FLAGS}{_NET}"
_PROFILE = rf"(?:allow +)?profile{_IS}{_WORD}"
_MATCHED = rf" +(?:prefix|regex) +{_WORD}"
_PAIR, _MGR_PAIR = rf"{_WORD}(?:={_WORD}|{_MATCHED})", rf"{_WORD}(?: *= *{_WORD}|{_MATCHED})"
_WITH, _MGR_WITH = (rf"(?: +with +{one}(?: +{one})*)?" for one in (_PAIR, _MGR_PAIR))
_COMMAND = rf"allow +command{_IS}{_WORD}"
_MODULE = rf"allow +module{_IS}{_WORD}{_MGR_WITH} +{_FLAGS}{_NET}"
_OF_POOL = rf" +(?:pool|namespace)(?: *= *{_WORD}|{_MATCHED})"
_FS_NAME = "[A-Za-z0-9_.-]+"
# OSDs
_SPACE = rf"""(?: +namespace{_IS}(?:{_WORD}|""|'')\*?)"""
_TAG = rf" +tag +{_WORD} +(?:\*|{_WORD}) *= *(?:\*|{_WORD})"
_POOL = rf"(?: +pool{_IS}{_WORD})?{_SPACE}?"
_WHAT = rf"(?:{_SPACE}?{_TAG}|{_POOL}(?: +object_prefix +{_WORD})?)"
# what follows a class is a method, also where it was meant otherwise
_CLASS = rf"class +{_WORD}(?: +{_WORD}|(?! +{_WORD}))"
_MAY = (
    rf" +(?:\*|all|{_RWX}(?: +class-read)?(?: +class-write)?|class-read(?: +class-write)?"
    rf"|class-write|{_CLASS})"
)
# metadata servers
_FS, _SQUASH, _UID = rf"(?: +fsname={_FS_NAME})?", "(?: +root_squash)?", r" +uid=\d+"
_PATH = rf"""(?: +path=(?:{_QUOTED}|""|''|[A-Za-z0-9_./-]+))?"""
_GIDS = r"(?: +gids=\d+(?:,\d+)*)?"
_FS_FLAGS = r"(?:\*|all|rwf?p?s?|r)"
# whose: before 18.2 of no one file system, and never with root_squash
_FILES = {
    "pacific": rf"(?:{_PATH}{_UID}{_GIDS}|{_FS}{_PATH}{_SQUASH})",
    "reef": rf"{_FS}{_PATH}{_SQUASH}(?:{_UID})?{_GIDS}",
}


def _grants(*forms: str) -> re.Pattern[str]:
    """One or several of these, with commas or semicolons between them."""
    one = "|".join(forms)
    return re.compile(rf" *(?:(?:{one})(?: *[,;] *(?=[a-z])| *\Z))+\Z")


_MON = _grants(
    rf"allow +{_FLAGS}{_NET}(?: +fsname{_IS}{_FS_NAME})?",
    rf"{_PROFILE}{_NET}",
    _SERVICE,
    f"{_COMMAND}{_WITH}{_NET}",
)
_MGR = _grants(
    rf"allow +{_FLAGS}{_NET}",
    rf"{_PROFILE}(?:{_OF_POOL})*{_NET}",
    _SERVICE,
    f"{_COMMAND}{_MGR_WITH}{_NET}",
    _MODULE,
)
_OSD = _grants(
    rf"allow{_MAY}{_WHAT}{_NET}",
    rf"allow(?! +(?:[*rwx]|all|class)){_WHAT}{_MAY}{_NET}",
    rf"profile{_IS}{_WORD}{_POOL}{_NET}",
)
_MDS = {name: _grants(f"allow +{_FS_FLAGS}{what}{_NET}") for name, what in _FILES.items()}

# What gives something. Monitors and OSDs take any other name, and it gives nothing (MonCap.cc,
# OSDCap.cc, expand_profile).
PROFILES = {
    "mon": frozenset(
        [
            "cephfs-mirror",
            "crash",
            "fs-client",
            "rbd",
            "rbd-mirror",
            "rbd-mirror-peer",
            "rbd-read-only",
            "read-only",
            "read-write",
            "role-definer",
            "simple-rados-client",
            "simple-rados-client-with-blocklist",
        ]
    ),
    "mgr": frozenset(["crash", "rbd", "rbd-read-only", "read-only", "read-write"]),
    "osd": frozenset(["rbd", "rbd-read-only", "read-only", "read-write"]),
}


# What the monitors' commands `auth ...` are open to (MonCommands.h: `rx`, or `rwx`).
_AUTH = f"service{_IS}(?:auth|'auth'|\"auth\")"
_USERS = re.compile(
    rf"(?:^|[,;]) *(?:allow +(?:{_AUTH} +)?(?:\*|all|rw?x)(?![A-Za-z0-9_./-])"
    rf"|allow +command{_IS}[\"']auth "
    rf"|(?:allow +)?profile{_IS}[\"']?role-definer(?![A-Za-z0-9_./-]))"
)
# Of several in a row, outside of quotes, all ways to share them out would be tried.
_BLANKS = re.compile(rf"({_QUOTED})| +")


@dataclass(frozen=True, slots=True)
class Named:
    """What a right is on: `pool` or `file system`, and its name."""

    kind: str
    name: str


def malformed(service: str, text: str, release: str) -> str:
    """Why a service does not take a text, in words; empty where it does."""
    if service == "mds" and text.strip() == "allow":
        return ""
    pattern = {"mon": _MON, "mgr": _MGR, "osd": _OSD, "mds": _MDS[release]}[service]
    if not pattern.match(_BLANKS.sub(lambda blank: blank[1] or " ", text)):
        return f"{release} does not read `{text}` as rights of `{service}`"
    for name in _values(text, "profile"):
        if name not in PROFILES.get(service, ()):
            known = ", ".join(sorted(PROFILES[service]))
            return f"profile `{name}` gives a client nothing; known: {known}"
    for network in (one[1] for one in _NETWORK.finditer(text)):
        if not _is_network(network):
            return f"nobody comes from `{network}`: write ADDRESS/BITS, such as 192.0.2.0/24"
    return ""


def _is_network(text: str) -> bool:
    """Whether a monitor can match it: one without bits, or of netmasks, it keeps and never does.

    ipaddr.cc, parse_network; of more bits than an address has it takes all, which nobody means.
    """
    try:
        return text.partition("/")[2].isdigit() and bool(ip_network(text, strict=False))
    except ValueError:
        return False


def named(service: str, text: str) -> Iterator[Named]:
    """The pools and file systems that a well-formed text names."""
    if service in ("osd", "mgr"):
        yield from (Named("pool", name) for name in _values(text, "pool"))
    if service in ("mon", "mds"):
        yield from (Named("file system", name) for name in _values(text, "fsname"))
    if service == "osd":
        tags = re.finditer(rf" tag +(?:cephfs|'cephfs'|\"cephfs\") +{_WORD} *= *({_WORD})", text)
        yield from (Named("file system", one[1].strip("\"'")) for one in tags)


def everything(text: str) -> bool:
    """Whether rights in the monitors are as good as all: they make users, or read any key.

    Whoever has the key of `client.admin` is that. What is between `allow` and `rx` or `rwx` is
    read as MonCap.cc does: of no service they are of `auth` as well, and a file system behind them
    takes nothing away. 16.2 gave `client.admin`'s key to such clients.
    """
    return bool(_USERS.search(text))


def _values(text: str, key: str) -> Iterator[str]:
    words = re.finditer(rf"(?:^|[ ,;]){key} *(?:=| ) *({_WORD})", text)
    return (one[1].strip("\"'") for one in words)


@dataclass(frozen=True, slots=True)
class ClientLayout:
    """One user with its defaults filled in. `caps` are by service, in the order of the monitors."""

    name: str
    caps: Mapping[str, str]
    nodes: tuple[str, ...]
    owner: str
    group: str
    mode: str
    path: Path

    @property
    def entity(self) -> str:
        """What Ceph calls it."""
        return f"client.{self.name}"

    @property
    def secret(self) -> str:
        """What `secrets.yaml` calls its key."""
        return f"ceph-client-{self.name}"

    @property
    def keyfile(self) -> str:
        """Where its key is, and nothing else, on its nodes."""
        return f"/etc/ceph/ceph.{self.entity}.key"
