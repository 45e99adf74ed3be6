"""What puts WordPress into the document root: one node, a script and its plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.claims import Claim, File, Mount, Package, Template, Unit, mount_of, values
from generator.components.web.layout import Layout, secret
from generator.components.web.model import Tarball
from generator.planning.site import Node
from generator.platforms import Platform
from generator.rendering.scripts import script

ROLE = "web/wordpress"
SPEC = ("web", "wordpress")
SCRIPTS = "/usr/local/lib/stook"
DATA = "/etc/stook/wordpress.tsv"
LIST = "/var/lib/stook/wordpress.sha256"
UNIT = "stook-wordpress.service"
# The same three lines are written by wordpress-put.
CONFIG = b"""<?php
require_once '/etc/stook/wordpress.php';
require_once ABSPATH . 'wp-settings.php';
"""


def wordpress(node: Node, tier: Layout, mounts: Iterable[Mount]) -> Iterator[Claim]:
    """The claims of the elected node."""
    spec = tier.spec.wordpress
    mount = mount_of(tier.root, mounts)
    if spec.source == "package":
        for name in node.platform.packages["wordpress"]:
            yield Package(node=node.name, spec=(*SPEC, "source"), role=ROLE, name=name)
    yield _file(node, f"{SCRIPTS}/wordpress-put", _put(node.platform), "0755")
    secrets: tuple[str, ...] = ()
    admin = None
    if spec.admin is not None:
        body = script(__package__, "files", "wordpress-install.php")
        yield _file(node, f"{SCRIPTS}/wordpress-install.php", body)
        secrets = tuple(
            item.secret for item in (tier.spec.database.password, spec.salts, spec.admin.password)
        )
        admin = (spec.admin.user, spec.admin.email, secret(spec.admin.password.secret), tier.host)
    plan = {
        "root": tier.root,
        "mount": mount.path if mount else "",
        "source": _source(node, spec.source),
        "list": LIST,
        "admin": admin,
    }
    yield _file(node, DATA, Template(__package__, "wordpress.tsv.j2", values(plan)), format="tsv")
    unit = f"/etc/systemd/system/{UNIT}"
    wanted_by = node.platform.units["nginx"]
    yield _file(
        node,
        unit,
        Template(__package__, f"{UNIT}.j2", values({"wanted_by": wanted_by})),
        format="unit",
    )
    yield Unit(
        node=node.name,
        spec=SPEC,
        role=ROLE,
        name=UNIT,
        change="restart",
        watch=(unit, DATA, f"{SCRIPTS}/wordpress-put"),
        blocking=False,
        secrets=secrets,
        within=300,
    )


def _put(platform: Platform) -> bytes:
    return script(
        __package__,
        "files",
        "wordpress-put",
        family=platform.family,
        PHP_USER=platform.users["web"],
        PHP_GROUP=platform.groups["web"],
    )


def _source(node: Node, source: str | Tarball) -> tuple[str, str, str]:
    """Form, place and name of the files, as the plan has them."""
    if isinstance(source, Tarball):
        return ("tarball", source.tarball, source.sha256)
    return ("package", node.platform.paths["wordpress"], "wordpress")


def _file(
    node: Node, path: str, body: Template | bytes, mode: str = "0644", format: str = "text"
) -> File:
    return File(
        node=node.name, spec=SPEC, role=ROLE, path=path, body=body, mode=mode, format=format
    )
