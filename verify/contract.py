"""What the generator promises and the verification holds nodes to.

The only thing both halves share, with `plain` and `serialization`; a bundle can be verified by a
machine that has never seen the generator. `CONTRACT` changes when a stored bundle could be misread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from verify.forms import AbsolutePath, Host, Label, Mode, PortNumber, Word
from verify.scales import Level as Level
from verify.scales import Phase as Phase
from verify.scales import Severity as Severity
from verify.scales import Status as Status
from verify.since import Change as Change
from verify.since import Run as Run
from verify.since import Since as Since
from verify.since import Turn as Turn

VERSION = "0.1.0"
CONTRACT = 2


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that must be true of one node, and the line of the spec that says so.

    `id` is `NODE/KIND/SUBJECT`, of spec names only, and stays as long as they do. `want` is the
    plain-data form of the kind's want-class. `needs` must pass before this one means anything. For
    `within` seconds after a first failure it is asked again. `holds` are claims, as NOUN SUBJECT.
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

    name: Word
    path: AbsolutePath
    mode: Mode
    owner: Word
    group: Word
    purpose: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """What of a component goes on with something down, on which nodes, and why.

    `stall_seconds` is for how long what goes on may stand still before it does. `among` are nodes
    that may be down in place of `nodes`, or are hit by what is down.
    """

    component: str
    subject: str
    down: str
    nodes: tuple[Label, ...]
    read: bool
    write: bool
    why: str
    stall_seconds: int = 0
    among: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding that is accepted at one place of the spec until a day (ISO 8601): why, by whom."""

    rule: str
    where: str
    until: str
    reason: str = ""
    by: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class ExternalService:
    """Something that a site uses and does not run itself.

    `name` is the key of the spec that asks for it, `service` IANA's name of what its port speaks.
    Any of `hosts` (names, addresses) will do. Of `settings`, a secret is there by its name.
    """

    name: str
    service: str
    hosts: tuple[Host, ...]
    port: PortNumber
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    """`ID`, `VERSION_ID` and, where it has one, `VERSION_CODENAME` of its /etc/os-release."""

    id: str
    version: str
    codename: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that verification needs to know about one node (`NODE/manifest.json`).

    `files` maps a path in the bundle folder to its SHA-256. `packages` are installed, `disks` must
    be there (`device`, `uuid`, `fstype`, `mount`), `secrets` are files that somebody has to bring.
    """

    site: Label
    node: Label
    platform: Word
    spec_digest: str
    bundle_digest: str
    files: Mapping[str, str]
    packages: tuple[Word, ...]
    disks: tuple[Mapping[str, str], ...]
    expectations: tuple[Expectation, ...]
    os: OperatingSystem
    secrets: tuple[SecretFile, ...] = ()
    contract: int = CONTRACT


@dataclass(frozen=True, slots=True)
class Site:
    """What is true of the whole site (`site.json`): the oracle of behaviour tests.

    `nodes` maps a node name to `{platform, zone, addresses: {network: address}}`; `lists` holds
    values that many expectations share, each by its name (see `resolve`).
    """

    site: Label
    spec_digest: str
    networks: Mapping[str, tuple[str, ...]]
    nodes: Mapping[str, Mapping[str, Any]]
    lists: Mapping[str, Any]
    facts: Mapping[str, Any]
    predictions: tuple[Prediction, ...]
    accepted: tuple[Acceptance, ...] = ()
    external: tuple[ExternalService, ...] = ()
    contract: int = CONTRACT


@dataclass(frozen=True, slots=True)
class Program:
    """One of `verify.probes` in Python, with its words; numbers are seconds, to be stretched."""

    name: str
    words: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command whose output answers a question, and where it is asked.

    `scope` is `node` (on the expectation's node), `node:NAME` (on another node of the site),
    `cluster` (takes a cluster-wide lock: asked on one node, serialised, once per site) or
    `outside` (on a machine that is not part of the site). `timeout` is in seconds. Commands of a
    higher `step` run on a later trip, after all lower ones have ended everywhere: 0 for all that
    only look. The text is POSIX shell; values inside it are quoted by the kind that made it. Where
    its first line is a comment, reports for people show that: what they would type instead.

    Where there is python3, `program` is run for the text. With a `question` it answers many, as
    the text would this one, with a line of JSON for each: [code, output, errors]. An output that
    says one of `retry_on` answers nothing yet: the command is run again after a while. `reaches`
    is the address that a command from outside tries to reach.
    """

    text: str
    scope: str = "node"
    timeout: int = 10
    step: int = 0
    program: Program | None = None
    question: str = ""
    retry_on: tuple[str, ...] = ()
    reaches: str = ""

    def again(self, output: Output) -> bool:
        """Whether the output only says that it is to be run again."""
        return any(words in output.out or words in output.err for words in self.retry_on)


@dataclass(frozen=True, slots=True)
class Output:
    """What a command gave back; no `code` if it ran on at its limit, or was too long and `cut`."""

    code: int | None
    out: str
    err: str = ""
    cut: bool = False


class Unreadable(Exception):  # noqa: N818 - named for what it says of an output
    """What a kind's `parse` raises for an output that answers nothing: unknown, never a pass."""


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
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a catalogue in short words, and how many `checks` of the site are for it."""

    id: str
    catalogue: str = ""
    about: str = ""
    checks: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: who looked, at what, what came of it, and what is accepted on that day."""

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
    accepted: tuple[Acceptance, ...] = ()
    since: Since | None = None
    controls: tuple[Control, ...] = ()
    contract: int = CONTRACT
    tool: str = field(default=VERSION)
