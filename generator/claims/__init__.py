"""What components ask for on a node: typed values that say who asked and where in the spec.

Two equal claims are one. Two different claims on one thing (a path, a port, a mount point) are a
finding that points at both lines. Everything a node gets, and everything it is checked for,
comes from here. Each type has one file: what it is, what two of them must agree about, the checks
that it brings, what `apply` is told and what it does when it is told so no more, and what
`stook plan` shows of it.
"""

from generator.claims.agreed_file import AgreedFile
from generator.claims.agreed_mount import AgreedMount
from generator.claims.agreed_unit import AgreedUnit
from generator.claims.block import Block
from generator.claims.claim import CONFLICT, RULES, Claim, Claims, Inverse, Line, Step, listed
from generator.claims.connection import Connection
from generator.claims.disk import Disk
from generator.claims.egress import Egress
from generator.claims.file import File
from generator.claims.image_user import ImageUser
from generator.claims.lasting import Lasting
from generator.claims.log import Log, LogField, Watch
from generator.claims.mount import Mount, MountOption, MountOrder, mount_of
from generator.claims.occupied import Occupied
from generator.claims.overlap import overlaps
from generator.claims.package import Package
from generator.claims.port import Port
from generator.claims.repository import Repository
from generator.claims.secret import Secret
from generator.claims.sudo_rule import SudoRule
from generator.claims.time_source import TimeSource
from generator.claims.unit import Unit
from generator.claims.user import User
from generator.rendering.body import Template, values

__all__ = [
    "CONFLICT",
    "RULES",
    "TYPES",
    "AgreedFile",
    "AgreedMount",
    "AgreedUnit",
    "Block",
    "Claim",
    "Claims",
    "Connection",
    "Disk",
    "Egress",
    "File",
    "ImageUser",
    "Inverse",
    "Lasting",
    "Line",
    "Log",
    "LogField",
    "Mount",
    "MountOption",
    "MountOrder",
    "Occupied",
    "Package",
    "Port",
    "Repository",
    "Secret",
    "Step",
    "SudoRule",
    "Template",
    "TimeSource",
    "Unit",
    "User",
    "Watch",
    "listed",
    "mount_of",
    "overlaps",
    "values",
]

# Every type, in the order in which `stook plan` shows them. Adding one adds it here.
TYPES: tuple[type[Claim], ...] = (
    Package,
    Port,
    Egress,
    Connection,
    Mount,
    File,
    Block,
    Unit,
    User,
    Disk,
    Secret,
    Repository,
    MountOption,
    MountOrder,
    Occupied,
    Log,
    TimeSource,
    SudoRule,
    ImageUser,
    Lasting,
    AgreedFile,
    AgreedMount,
    AgreedUnit,
)
