"""The claims of people: their accounts, keys and sudo rules, and the account of the image."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from generator.claims import Claim, File, ImageUser, Package, Template, User, values
from generator.components.base.layout import image_account
from generator.formats import sudoers
from generator.language.findings import Path
from generator.language.spec import Admin
from generator.planning.site import Node, Site

# A file each of the spec's people, which they may read and only root may write.
KEYS = "/etc/ssh/authorized_keys.d"


def packages(node: Node, key: str, spec: Path, role: str) -> Iterator[Package]:
    """The platform's packages of one purpose."""
    for name in node.platform.packages[key]:
        yield Package(node=node.name, spec=spec, role=role, name=name)


def claim(site: Site, node: Node) -> Iterator[Claim]:
    """The accounts of one node: the spec's people, and the one that its image brings."""
    yield from _people(site, node)
    yield from _image_user(site, node)


def _people(site: Site, node: Node) -> Iterator[Claim]:
    if any(admin.sudo for admin in site.spec.admins.values()):
        yield from packages(node, "sudo", ("admins",), "base/admins")
    for name, admin in site.spec.admins.items():
        spec, role = ("admins", name), "base/admins"
        keys, path = tuple(_key_lines(admin)), f"{KEYS}/{name}"
        yield User(
            node=node.name,
            spec=spec,
            role=role,
            name=name,
            shell="/bin/bash",
            groups=(),
            keys=keys,
            key_file=path,
            rules=("(ALL : ALL) NOPASSWD: ALL",) if admin.sudo else (),
        )
        yield File(
            node=node.name,
            spec=(*spec, "ssh_keys"),
            role=role,
            path=path,
            body=Template(__package__, "authorized_keys.j2", values({"keys": keys})),
        )
        if admin.sudo:
            yield File(
                node=node.name,
                spec=(*spec, "sudo"),
                role=role,
                path=f"/etc/sudoers.d/stook-{name}",
                body=Template(__package__, "sudoers.j2", values({"user": sudoers.quote(name)})),
                mode="0440",
                format="sudoers",
            )


def _key_lines(admin: Admin) -> Iterator[str]:
    """As sshd(8) reads them: the firewall knows no persons, so each key has its own networks."""
    blocks = ",".join(str(ipaddress.ip_network(block)) for block in admin.from_ or ())
    for key in admin.ssh_keys if blocks or admin.from_ is None else ():
        yield f'from="{blocks}" {key}' if blocks else key


def _image_user(site: Site, node: Node) -> Iterator[Claim]:
    name, known, said = image_account(site, node), node.platform.image_user, site.spec.access
    ours = name in site.spec.admins
    if known and name and (ours or said.image_user):
        yield ImageUser(
            node=node.name,
            spec=("admins", name) if ours else ("access", "image_user"),
            role="base/admins",
            name=name,
            groups=tuple(known.groups),
            rule=known.rule,
            sudoers=known.sudoers,
            becomes="admin" if ours else "guest" if said.image_user == "keep" else "closed",
        )
