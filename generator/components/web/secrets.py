"""The secrets of the web tier: of its database, of WordPress, and of who first logs in."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Secret
from generator.components.web.layout import Layout, secret
from generator.planning.site import Node


def required_secrets(tier: Layout) -> tuple[str, ...]:
    """The secrets without which PHP cannot work."""
    return (tier.spec.database.password.secret, tier.spec.wordpress.salts.secret)


def secrets(node: Node, tier: Layout) -> Iterator[Secret]:
    """The secrets of one node; the first password only on the elected one."""
    spec = tier.spec
    wanted = [
        (
            spec.database.password.secret,
            ("web", "database", "password"),
            "password of the database",
            False,
        ),
        (
            spec.wordpress.salts.secret,
            ("web", "wordpress", "salts"),
            "keys and salts of WordPress",
            True,
        ),
    ]
    group = node.platform.groups["web"]
    readers = {name: group for name, *_ in wanted}
    admin = spec.wordpress.admin
    if admin is not None and node.name == tier.elected:
        path = ("web", "wordpress", "admin")
        wanted.append((admin.password.secret, path, f"first password of {admin.user}", True))
    for name, path, purpose, made in wanted:
        yield Secret(
            node=node.name,
            spec=path,
            role="web/wordpress",
            name=name,
            path=secret(name),
            owner="root",
            # what PHP itself never asks for is root's
            group=readers.get(name, "root"),
            mode="0640" if name in readers else "0600",
            purpose=purpose,
            made=made,
        )
