"""What the generator promises and the verification holds nodes to.

The only thing both halves share, so it needs nothing but the standard library, as `plain` does: a
bundle can be verified by a machine that has never seen the generator. `CONTRACT` changes when a
stored bundle could be misread; older numbers that still load are listed in `READABLE`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from verify.plain import ContractError as ContractError
from verify.plain import read

VERSION = "0.1.0"
CONTRACT = 2
# The last one is read for one release, so that bundles can be built again after an upgrade.
READABLE = frozenset({1, 2})
NEW = frozenset({"secrets", "accepted"})
"""What a manifest and a site.json of contract 1 do not have."""


class Level(StrEnum):
    """How far a check goes: our own files, the node's real state, or what the system does."""

    FILE = "file"
    STATE = "state"
    BEHAVIOUR = "behaviour"


class Phase(StrEnum):
    """The points of a deployment at which an expectation becomes due, in order."""

    BAKED = "baked"
    BOOTED = "booted"
    CLUSTERED = "clustered"
    STEADY = "steady"
    REBOOTED = "rebooted"

    def due(self, now: Phase) -> bool:
        """Whether something due at this phase is due `now`."""
        order = list(Phase)
        return order.index(self) <= order.index(now)


class Severity(StrEnum):
    """How bad it is that an expectation is not met."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Status(StrEnum):
    """What a check came to. Only `PASS` is good news; `UNKNOWN` never is.

    `ELSEWHERE` is what the place that asks can never answer, and another one can.
    """

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    PENDING = "pending"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that must be true of one node, and the line of the spec that says so.

    `id` is `NODE/KIND/SUBJECT`, made of spec names only, and stays the same as long as they do.
    `want` is the plain-data form of the kind's want-class. `needs` names the expectations that
    must pass before this one means anything. `within` is in seconds: how long after a first
    failure the check is asked again before it is believed. `holds` names the claims that it holds
    a node to, each as NOUN SUBJECT, so that what nothing holds can be told.
    """

    id: str
    component: str
    want: Mapping[str, Any]
    spec: str
    level: Level = Level.STATE
    phase: Phase = Phase.STEADY
    severity: Severity = Severity.ERROR
    needs: tuple[str, ...] = ()
    within: int = 0
    controls: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()

    @property
    def node(self) -> str:
        return self.id.split("/", 2)[0]

    @property
    def kind(self) -> str:
        return self.id.split("/", 2)[1]

    @property
    def subject(self) -> str:
        return self.id.split("/", 2)[2]


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file of a node that holds a whole secret of the site, whose bytes are in no bundle."""

    name: str
    path: str
    mode: str
    owner: str
    group: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """What of a component goes on with something down, on which nodes, and why.

    `stall_seconds` is for how long what goes on may stand still before it does.
    """

    component: str
    subject: str
    down: str
    nodes: tuple[str, ...]
    read: bool
    write: bool
    why: str
    stall_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding that is accepted, at one place of the spec, until a day (ISO 8601)."""

    rule: str
    where: str
    until: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that verification needs to know about one node (`NODE/manifest.json`).

    `files` maps a path inside the bundle folder to its SHA-256. `packages` are what the node
    gets installed, `disks` what it must find (`device`, `uuid`, `fstype`, `mount`), `secrets` the
    files that somebody has to bring.
    """

    site: str
    node: str
    platform: str
    spec_digest: str
    bundle_digest: str
    files: Mapping[str, str]
    packages: tuple[str, ...]
    disks: tuple[Mapping[str, str], ...]
    expectations: tuple[Expectation, ...]
    secrets: tuple[SecretFile, ...] = ()
    contract: int = CONTRACT


@dataclass(frozen=True, slots=True)
class Site:
    """What is true of the whole site (`site.json`): the oracle of behaviour tests.

    `nodes` maps a node name to `{platform, zone, addresses: {network: address}}`; `lists` holds
    values that many expectations share, each by its name (see `resolve`).
    """

    site: str
    spec_digest: str
    networks: Mapping[str, tuple[str, ...]]
    nodes: Mapping[str, Mapping[str, Any]]
    lists: Mapping[str, Any]
    facts: Mapping[str, Any]
    predictions: tuple[Prediction, ...]
    accepted: tuple[Acceptance, ...] = ()
    contract: int = CONTRACT


@dataclass(frozen=True, slots=True)
class Command:
    """A command whose output answers a question, and where it is asked.

    `scope` is `node` (on the expectation's node), `node:NAME` (on another node of the site),
    `cluster` (takes a cluster-wide lock: asked on one node, serialised, once per site) or
    `outside` (on a machine that is not part of the site). `timeout` is in seconds. Commands of a
    higher `step` run on a later trip, after all lower ones have ended everywhere: 0 for all that
    only look. The text is POSIX shell; values inside it are quoted by the kind that made it. Where
    its first line is a comment, reports for people show that: what they would type instead.

    A `client` is a program that answers many questions in one process, as the text alone would
    answer this `question`, which is a word of shell. It is used for more than one of them, and
    prints a line of JSON for each in their order: [code, output, errors].

    An output that says one of `retry_on` answers nothing yet: the command is run again after a
    while. `reaches` is the address that a command from outside tries to reach.
    """

    text: str
    scope: str = "node"
    timeout: int = 10
    step: int = 0
    client: str = ""
    question: str = ""
    retry_on: tuple[str, ...] = ()
    reaches: str = ""

    def again(self, output: Output) -> bool:
        """Whether the output only says that it is to be run again."""
        return any(words in output.out or words in output.err for words in self.retry_on)


@dataclass(frozen=True, slots=True)
class Output:
    """What a command gave back. `code` is None when it was still running at its time limit."""

    code: int | None
    out: str
    err: str = ""


class Unreadable(Exception):  # noqa: N818 - named for what it says of an output
    """An output that answers nothing: the command is missing, timed out, or said something else.

    Raised by a kind's `parse`; the verdict becomes `unknown`, never `pass`.
    """


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is not as wanted, as text that a person reads."""

    what: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one expectation, with the evidence."""

    id: str
    component: str
    spec: str
    level: Level
    severity: Severity
    status: Status
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    observed: Any = None
    commands: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: who looked, at what, and what came of it. Versioned with the contract."""

    site: str
    target: str
    runner: str
    started: str
    finished: str
    phase: Phase
    spec_digest: str
    bundles: Mapping[str, str]
    stamps: Mapping[str, Any]
    verdicts: tuple[Verdict, ...]
    not_checked: tuple[str, ...] = ()
    contract: int = CONTRACT
    tool: str = field(default=VERSION)


def resolve(want: Any, lists: Mapping[str, Any]) -> Any:
    """Replace every `{"$list": NAME}` in a want by the shared list of that name in site.json."""
    if isinstance(want, Mapping):
        if set(want) == {"$list"}:
            name = want["$list"]
            if name not in lists:
                raise ContractError(f"site.json has no list '{name}': build the bundle again")
            return lists[name]
        return {key: resolve(value, lists) for key, value in want.items()}
    if isinstance(want, list | tuple):
        return [resolve(value, lists) for value in want]
    return want


def dump(value: Manifest | Site | Report) -> bytes:
    """The one JSON form of a contract value: sorted keys, and a line for each item.

    One expectation, file or verdict per line reads well in a diff, and costs a fifth of what
    indenting everything does.
    """
    lines = [
        f"{_json(name)}: {_items(getattr(value, name))}"
        for name in sorted(f.name for f in fields(value))
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _items(value: Any) -> str:
    if isinstance(value, Mapping) and value:
        rows = (f" {_json(str(key))}: {_json(value[key])}" for key in sorted(value))
        return "{\n" + ",\n".join(rows) + "\n}"
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(f" {_json(item)}" for item in value) + "\n]"
    return _json(value)


def _json(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {name: getattr(value, name) for name in _names(value.__class__)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


@cache
def _names(form: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(form))


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain)


def load_manifest(path: Path) -> Manifest:
    """Read a `manifest.json`. Raises `ContractError` when it is absent, broken or too new."""
    manifest = read(Manifest, _load(path, Manifest), str(path))
    for one in manifest.expectations:
        if one.id.count("/") < 2:
            raise ContractError(f"{path}: {one.id[:60]!r} is no id of a check: NODE/KIND/SUBJECT")
    return manifest


def load_site(path: Path) -> Site:
    """Read a `site.json`. Raises `ContractError` when it is absent, broken or too new."""
    data = _load(path, Site)
    if "accepted" not in data and isinstance(data["facts"], dict):
        data["accepted"] = data["facts"].get("accept", ())
    return read(Site, data, str(path))


def _load(path: Path, form: type[Manifest] | type[Site]) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror}; is this a built site folder?") from None
    except ValueError as error:
        raise ContractError(f"{path}: not JSON ({error}); build the bundle again") from None
    version = data.get("contract") if isinstance(data, dict) else None
    if type(version) is not int or version not in READABLE:
        raise ContractError(
            f"{path}: contract {version!r}, this version reads {sorted(READABLE)}; "
            "verify with the release that built the bundle, or build it again"
        )
    wanted = {f.name for f in fields(form)} - (NEW if version == 1 else set())
    if set(data) != wanted:
        odd = ", ".join(sorted(set(data) ^ wanted))
        raise ContractError(f"{path}: not as contract {version} has it ({odd}); build it again")
    return dict(data)
