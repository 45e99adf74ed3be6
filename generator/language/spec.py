"""The grammar of `site.yaml`: what may be written, before any of it is understood.

Every attribute's docstring is its line in the reference page and in the JSON Schema (they are read
from the source only when one of these is made: pydantic would at every start). Fields say what a
single value may look like; what values mean together is for `generator.planning` and the rules.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
)

from generator import platforms
from generator.language import forms, ranges
from verify.forms import LONGEST_UNIT, UNIT


def _as_written(value: object) -> object:
    """A text field takes plain `true` or `12` as the text it is; everything else is judged."""
    if value is True or value is False:
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


def _number(value: object) -> object:
    """`true` equals 1 in Python, and in no spec."""
    return str(value).lower() if isinstance(value, bool) else value


def one_or_many(value: object) -> object:
    """A list, or the only thing that would be in it."""
    return value if isinstance(value, list) else [value]


# What each pattern means, in words that complete "must be …".
FORMS: dict[str, str] = {}


def like(pattern: str, words: str, max_length: int | None = None) -> StringConstraints:
    """Text of a form that people are told in words, never as a pattern."""
    FORMS[pattern] = words
    return StringConstraints(pattern=pattern, max_length=max_length)


class InSchema:
    """What a field takes beside what its type says, for the JSON Schema."""

    def __init__(self, form: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.form = form

    def __get_pydantic_json_schema__(
        self, schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return self.form(handler(schema))


def beside(*others: dict[str, Any]) -> InSchema:
    """Values of these forms, too."""
    return InSchema(lambda own: {"anyOf": [*others, *own.get("anyOf", [own])]})


# What the schema of a list says where `one_or_many` reads it.
ONE_IN_SCHEMA = InSchema(lambda own: {"anyOf": [own["items"], own]})
# Numbers and words such as `true` are the text that they are written as.
SCALAR = InSchema(lambda own: own | {"type": ["string", "number", "boolean"]})
_JSON = ["string", "number", "boolean", "null", "array", "object"]
# What a reader of YAML 1.1 takes for a date is no text to a validator, nor anything else of JSON.
DATE = InSchema(lambda own: {"anyOf": [{"type": ["string", "number"]}, {"not": {"type": _JSON}}]})

Written = BeforeValidator(_as_written)
Text = Annotated[str, Written, SCALAR, Field(min_length=1, max_length=4096)]
Label = Annotated[
    str,
    Written,
    SCALAR,
    like(
        r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
        "a single lower-case label: letters, digits and hyphens, a letter first, 63 at the most",
    ),
]
# More than any site has of a kind of thing; what they meet grows with their square.
MANY = 500
Names = Annotated[
    list[Text],
    Field(max_length=ranges.MAX),
    BeforeValidator(one_or_many),
    ONE_IN_SCHEMA,
]
UserName = Annotated[
    str,
    Written,
    SCALAR,
    like(
        r"^[a-z_][a-z0-9_-]{0,30}$",
        "a user name: lower-case letters, digits, `_` and `-`, no digit first, 31 at the most",
    ),
]
PackageName = Annotated[
    str,
    Written,
    SCALAR,
    like(
        r"^[a-z0-9][a-z0-9+.-]+$",
        "a package's name: lower-case letters, digits, `+`, `.` and `-`, without a version",
    ),
]
UnitName = Annotated[
    str,
    Written,
    SCALAR,
    like(
        f"^{UNIT}$", "the whole name of a unit, such as `x.service`, and no template", LONGEST_UNIT
    ),
]
HostName = Annotated[
    str,
    Written,
    SCALAR,
    like(r"^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$", "a host's name or its address"),
    AfterValidator(forms.host),
]
Port = Annotated[int, Field(ge=1, le=65535)]

OneLine = Annotated[Text, AfterValidator(forms.single_line)]
Suite = Annotated[
    Text,
    like(
        r"^([A-Za-z0-9.][A-Za-z0-9._+~-]*(/[A-Za-z0-9._+~-]+)*/?|/)$",
        "the name of a suite, such as `bookworm`, or the path of a flat repository, such as `./`",
        max_length=255,
    ),
]
SuiteComponent = Annotated[
    Text,
    like(
        r"^[A-Za-z0-9][A-Za-z0-9._+~-]*(/[A-Za-z0-9._+~-]+)*$",
        "the name of a component, such as `main`",
    ),
]
SafePath = Annotated[Text, AfterValidator(forms.absolute)]
PublicKey = Annotated[Text, AfterValidator(forms.public_key)]
Uuid = Annotated[
    str,
    Written,
    SCALAR,
    like(
        r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "a UUID in lower case, such as `uuidgen` makes",
    ),
]

Value = TypeVar("Value")
# For each node its own, by the node's name or by a range of names.
ByNode = Annotated[dict[Text, Value], Field(max_length=ranges.MAX)]


class Part(BaseModel):
    """A mapping of the spec: strict types, no unknown keys, unchanged once read."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        # only what a spec holds needs a validator, and that is one for the whole of it
        defer_build=True,
    )


PartT = TypeVar("PartT", bound=Part)


class SecretRef(Part):
    """A secret by its name in `secrets.yaml`; it is never written into the spec itself."""

    secret: Label
    """Name of the secret."""


class SecretsSpec(Part):
    """How secrets come onto the nodes."""

    delivery: Literal["copy", "command"] = "copy"
    """`copy`: an admin puts them into /var/lib/stook/secrets; `command`: the node fetches them."""
    command: Annotated[list[OneLine], Field(max_length=16)] = Field(default_factory=list)
    """Program and arguments; the name of the secret is added, and its output is the secret."""


class NodeSpec(Part):
    """One node, or a range of them: the n-th name takes the n-th value of every range."""

    address: Text | None = None
    """Address in the first network."""
    addresses: dict[Label, Text] = Field(default_factory=dict)
    """Address by network, for a node in several networks."""
    aliases: Names = Field(default_factory=list)
    """Further names of the node in every node's hosts file."""
    zone: OneLine | None = None
    """Where it stands, for people and for failure domains."""
    platform: Text | None = None
    """Operating system, where it differs from the site's."""


class Admin(Part):
    """A person who may log in to every node by ssh."""

    ssh_keys: Annotated[list[PublicKey], Field(min_length=1)]
    """Public keys, as lines of an authorized_keys file without options."""
    from_: Annotated[Names | None, Field(alias="from")] = None
    """Networks that this person's keys are taken from, `[]` none; without it, every network."""
    sudo: bool = True
    """Whether sudo gives everything, without a password."""


class AccessSpec(Part):
    """Who else may get in."""

    image_user: Literal["keep", "remove"] | None = None
    """The account that cloud-init makes in the platform's images: `keep` leaves it its keys and its
    sudo, also after `remove`, which closes it once the node is as the spec says."""


class TimeSpec(Part):
    """Where the nodes get the time from."""

    servers: Annotated[list[HostName], Field(min_length=1)]
    """NTP servers by name or address; the same on every node."""


class DiskSpec(Part):
    """A disk, its file system and where that is mounted; every disk of a node has one owner."""

    nodes: Names = Field(default_factory=list)
    """Nodes that have it; without it, all."""
    device: SafePath | ByNode[SafePath]
    """Device before it is formatted, afterwards it is found by UUID; one for all nodes, or one for
    each by its name or a range of names."""
    mount: SafePath
    """Mount point."""
    filesystem: Literal["xfs", "ext4"] = "xfs"
    """File system it is formatted with when it has no signature at all."""
    uuid: Uuid | ByNode[Uuid] | None = None
    """File system UUID, for one node, or one for each by its name; derived from `identity` when it
    is not given."""
    options: Annotated[list[OneLine], Field(max_length=16)] = Field(default_factory=list)
    """Further mount options."""


class ServicePort(Part):
    """A port that a service listens on."""

    port: Port
    """Port number."""
    protocol: Literal["tcp", "udp"] = "tcp"
    """Transport protocol."""
    from_: Annotated[Names | None, Field(alias="from")] = None
    """Who may reach it: networks or addresses, `[]` nobody; without it, everybody."""
    addresses: Annotated[list[Text], Field(min_length=1)] = Field(default=["*"])
    """Local addresses as `ss` shows them: `0.0.0.0`, `[::]`, `*` or one of the node's own."""
    process: str = ""
    """Name of the process, as `ss` shows it; empty is any."""


class ServiceSpec(Part):
    """Something else that runs on the nodes by agreement, so it is not beyond the spec."""

    nodes: Names = Field(default_factory=list)
    """Nodes that have it; without it, all."""
    required: bool = True
    """Whether its units and ports must be there; `false` accepts them and asks for nothing."""
    packages: list[PackageName] = Field(default_factory=list)
    """Packages to install."""
    units: list[UnitName] = Field(default_factory=list)
    """Units that must be enabled and active, or that may be there."""
    ports: list[ServicePort] = Field(default_factory=list)
    """Ports it listens on, or may listen on."""
    mounts: Annotated[list[SafePath], Field(max_length=64)] = Field(default_factory=list)
    """Mount points of disks and shares that somebody else mounts, and that need not be mounted."""
    files: Annotated[list[SafePath], Field(max_length=64)] = Field(default_factory=list)
    """Files of its own that no package brings: units, jobs of cron, sources and keys of packages,
    setuid programs. What else is like them, and not the spec's or a package's, fails."""


class RepositorySpec(Part):
    """A package repository beside the platform's own."""

    uri: Annotated[
        OneLine,
        like(
            r"^(https?|file|cdrom)://?[^\s]+$", "an address that begins with `https://` or `file:/`"
        ),
        AfterValidator(forms.url),
    ]
    """Base address."""
    suites: Annotated[list[Suite], Field(min_length=1)]
    """Suites, such as `bookworm`; a flat repository's path ends in `/`."""
    components: list[SuiteComponent] = Field(default_factory=list)
    """Components, such as `main`."""
    key: Text | None = None
    """Armored public key of its signer."""
    trusted: bool = False
    """Accept it unsigned. Only for a repository on the node itself."""
    priority: Annotated[int, Field(ge=-10, le=1001)] | None = None
    """Pin priority of all its packages (apt_preferences(5))."""


class AcceptSpec(Part):
    """A finding that somebody has looked at and takes the blame for, until a day."""

    rule: Text
    """Id of the rule."""
    where: Text
    """Path of the spec that the finding names; it may stand for all below it."""
    reason: OneLine
    """Why it is fine, for those who come after."""
    by: OneLine
    """Who says so."""
    ticket: OneLine | None = None
    """Where it was discussed."""
    until: Annotated[Text, DATE]
    """Last day on which it counts, as YYYY-MM-DD."""

    def day(self) -> datetime.date:
        """The last day; raises ValueError when `until` is not a date."""
        return datetime.date.fromisoformat(self.until)


class SiteSpec(Part):
    """The whole file, without the components' own parts."""

    stook: Annotated[Literal[1], BeforeValidator(_number)]
    """Version of this file's grammar."""
    site: Label
    """Name of the site: a single lower-case label."""
    identity: Uuid
    """What every derived id hangs on; written once by `stook new`, never changed."""
    platform: Text = platforms.DEFAULT
    """Operating system of the nodes."""
    provider: Literal["nocloud", "ec2", "gce", "azure", "openstack", "vsphere", "cloudstack"] = (
        "nocloud"
    )
    """Where user-data is handed over; it sets the size limit."""
    fetch: (
        Annotated[
            OneLine,
            like(r"^https?://[^\s]*[^\s/]$", "an http or https address without a `/` at its end"),
            AfterValidator(forms.url),
        ]
        | None
    ) = None
    """Address that this folder is copied to. User-data then holds no bundle, but where it is and
    its digest; each node fetches `NODE/bundle.tar.gz` and takes no other."""
    networks: Annotated[dict[Label, Names], Field(min_length=1)]
    """Networks by name, each with its CIDR blocks; the first is the default."""
    nodes: Annotated[dict[Text, NodeSpec], Field(min_length=1)]
    """The machines, by name or by range of names."""
    admins: Annotated[dict[UserName, Admin], Field(max_length=MANY)] = Field(default_factory=dict)
    """People with ssh access."""
    access: AccessSpec = Field(default_factory=AccessSpec)
    """Accounts that are nobody's in the spec."""
    time: TimeSpec | None = None
    """Time sources."""
    disks: Annotated[dict[Label, DiskSpec], Field(max_length=MANY)] = Field(default_factory=dict)
    """Disks by name."""
    services: Annotated[dict[Label, ServiceSpec], Field(max_length=MANY)] = Field(
        default_factory=dict
    )
    """What else runs on the nodes."""
    repositories: Annotated[dict[Label, RepositorySpec], Field(max_length=MANY)] = Field(
        default_factory=dict
    )
    """Package repositories beside the platform's own."""
    secrets: SecretsSpec = Field(default_factory=SecretsSpec)
    """Delivery of secrets."""
    accept: Annotated[list[AcceptSpec], Field(max_length=MANY)] = Field(default_factory=list)
    """Findings that are known and accepted."""

    def part(self, model: type[PartT]) -> PartT | None:
        """A component's own part of the spec, or None where the spec has none."""
        parts = (getattr(self, key) for key in type(self).model_fields)
        return next((part for part in parts if isinstance(part, model)), None)
