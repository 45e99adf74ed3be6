"""The kinds of facts that can be verified, one module each.

A kind says what is wanted (`Want`), what to run to learn it (`commands`), how to read the answers
(`parse`) and how the two compare (`judge`). `parse` and `judge` are pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast, runtime_checkable

from verify import plain
from verify.contract import Command, Difference, Output
from verify.plain import ContractError


class Kind(Protocol):
    """What each module of this package offers. `Seen` is a type of the kind's own.

    `commands` names each command by a key of its own; `parse` gets the outputs under the same keys
    and raises `contract.Unreadable` when they answer nothing. `judge` returns all that differs.
    """

    Want: type[Any]

    def commands(self, want: Any) -> Mapping[str, Command]: ...
    def parse(self, want: Any, outputs: Mapping[str, Output]) -> Any: ...
    def judge(self, want: Any, seen: Any) -> tuple[Difference, ...]: ...


@dataclass(frozen=True, slots=True)
class Environment:
    """What a runtime of nodes adds to each: where it listens itself, and what it mounts."""

    addresses: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()


@runtime_checkable
class Adaptable(Protocol):
    """What a kind offers besides where it matters what runs its node."""

    def adapted(self, want: Any, environment: Environment) -> Any:
        """The want of a node in this environment."""


KINDS: Mapping[str, str] = {
    "accounts": "verify.kinds.accounts",
    "address": "verify.kinds.address",
    "attack": "verify.kinds.attack",
    "ban": "verify.kinds.ban",
    "block": "verify.kinds.block",
    "brick": "verify.kinds.brick",
    "ceph_client": "verify.kinds.ceph_client",
    "ceph_config": "verify.kinds.ceph_config",
    "ceph_device": "verify.kinds.ceph_device",
    "ceph_df": "verify.kinds.ceph_df",
    "ceph_file": "verify.kinds.ceph_file",
    "ceph_flags": "verify.kinds.ceph_flags",
    "ceph_fs": "verify.kinds.ceph_fs",
    "ceph_gateway": "verify.kinds.ceph_gateway",
    "ceph_health": "verify.kinds.ceph_health",
    "ceph_keyrings": "verify.kinds.ceph_keyrings",
    "ceph_mgr": "verify.kinds.ceph_mgr",
    "ceph_mons": "verify.kinds.ceph_mons",
    "ceph_object": "verify.kinds.ceph_object",
    "ceph_osd": "verify.kinds.ceph_osd",
    "ceph_osds": "verify.kinds.ceph_osds",
    "ceph_pgs": "verify.kinds.ceph_pgs",
    "ceph_pool": "verify.kinds.ceph_pool",
    "ceph_users": "verify.kinds.ceph_users",
    "database": "verify.kinds.database",
    "document_root": "verify.kinds.document_root",
    "egress": "verify.kinds.egress",
    "egress_port": "verify.kinds.egress_port",
    "file": "verify.kinds.file",
    "filtered_port": "verify.kinds.filtered_port",
    "fstab": "verify.kinds.fstab",
    "gluster_heal": "verify.kinds.gluster_heal",
    "gluster_peers": "verify.kinds.gluster_peers",
    "gluster_status": "verify.kinds.gluster_status",
    "gluster_volume": "verify.kinds.gluster_volume",
    "gluster_volumes": "verify.kinds.gluster_volumes",
    "hostname": "verify.kinds.hostname",
    "hosts": "verify.kinds.hosts",
    "http": "verify.kinds.http",
    "jail": "verify.kinds.jail",
    "jails": "verify.kinds.jails",
    "kernel_setting": "verify.kinds.kernel_setting",
    "leftovers": "verify.kinds.leftovers",
    "listener": "verify.kinds.listener",
    "listeners": "verify.kinds.listeners",
    "log_line": "verify.kinds.log_line",
    "mount": "verify.kinds.mount",
    "mounts": "verify.kinds.mounts",
    "nft_table": "verify.kinds.nft_table",
    "package": "verify.kinds.package",
    "package_files": "verify.kinds.package_files",
    "packet_filter": "verify.kinds.packet_filter",
    "php": "verify.kinds.php",
    "privileged": "verify.kinds.privileged",
    "reachability": "verify.kinds.reachability",
    "repositories": "verify.kinds.repositories",
    "secret": "verify.kinds.secret",
    "served_upload": "verify.kinds.served_upload",
    "service": "verify.kinds.service",
    "shared_directory": "verify.kinds.shared_directory",
    "ssh_offer": "verify.kinds.ssh_offer",
    "sshd": "verify.kinds.sshd",
    "stamp": "verify.kinds.stamp",
    "startup": "verify.kinds.startup",
    "sudo": "verify.kinds.sudo",
    "sudo_rights": "verify.kinds.sudo_rights",
    "sudoers": "verify.kinds.sudoers",
    "time": "verify.kinds.time",
    "unix_socket": "verify.kinds.unix_socket",
    "user": "verify.kinds.user",
    "wordpress": "verify.kinds.wordpress",
    "wordpress_content": "verify.kinds.wordpress_content",
    "zone": "verify.kinds.zone",
    "zones": "verify.kinds.zones",
}


def load(name: str, kinds: Mapping[str, str] = KINDS) -> Kind:
    """The kind of this name. Raises `ContractError` for one that this version does not know."""
    if name not in kinds:
        raise ContractError(f"no kind '{name}': verify with the release that built the bundle")
    return cast(Kind, import_module(kinds[name]))


def read_want(kind: Kind, data: Mapping[str, Any]) -> Any:
    """The want-class of a kind from its plain data, as it stands in a manifest."""
    try:
        return plain.read(kind.Want, data, "a want")
    except ContractError as error:
        raise ContractError(f"{error}: build the bundle again") from None
